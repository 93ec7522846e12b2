"""Signet: the contract registry that is a Git repository.

``ls signet`` is the architecture: ``core`` says what the words mean and what the verdicts are (pure), ``registry`` is
the git repository, ``cli`` is the process. Dependencies point one way: cli > registry > core > errors.
"""

__version__ = "0.1.0"
