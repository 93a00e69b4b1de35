"""The pages of the room rosters."""
