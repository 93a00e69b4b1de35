"""The pages of the room dispatch."""
