"""The desk's pages of the room dispatch."""
