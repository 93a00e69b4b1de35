"""The pages of the room orders."""
