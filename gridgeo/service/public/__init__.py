"""What a stranger may read, made of published files alone: look-ups, features, tiles."""
