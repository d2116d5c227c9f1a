"""The bench: real towns against the clock, and beside them what others offer."""
