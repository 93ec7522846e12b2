"""The pure room: what the words mean and what the verdicts are. No I/O, no clock, no logging."""
