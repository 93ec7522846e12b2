"""The process room: arguments in, text and exit code out. One command, one file; one error boundary."""
