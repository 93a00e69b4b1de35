"""The pages of the room exports."""
