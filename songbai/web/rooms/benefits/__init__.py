"""The pages of the room benefits."""
