"""The migrations of the store, each kept forever."""
