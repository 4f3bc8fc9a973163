"""The sample workspace and the journey through it."""
