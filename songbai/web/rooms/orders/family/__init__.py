"""The family's pages of the room orders."""
