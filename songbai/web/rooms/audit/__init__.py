"""The pages of the room audit."""
