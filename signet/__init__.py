"""Signet: the contract registry that is a Git repository.

``ls signet`` is the architecture: ``core`` says what the words mean and what the verdicts are (pure), ``registry`` is
the git repository, ``live`` talks with running programs, ``cli`` is the process, and ``testing`` is for tests that are
written in Python. Dependencies point one way: cli | testing > live > registry > core > errors.
"""

__version__ = "0.1.0"
