"""The pages of the room providers."""
