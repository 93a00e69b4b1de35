"""The pages of the room feeds."""
