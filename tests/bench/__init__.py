"""The bench: real towns and made-up houses against the clock, and what others offer."""
