"""The family's pages of the room elders."""
