"""The pages of the room catalogue."""
