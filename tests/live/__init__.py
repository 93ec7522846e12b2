"""Tests of the live room: real programs, real processes, loopback only."""
