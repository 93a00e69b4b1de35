"""The pages of the room visits."""
