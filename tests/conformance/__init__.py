"""Conformance: cases that nobody here wrote, run as data. ``python -m tests.conformance KIND DIRECTORY``."""
