"""The pages of the room elders."""
