"""The pages of the room files."""
