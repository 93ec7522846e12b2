"""Tests of what tests import: context managers and the pytest plugin."""
