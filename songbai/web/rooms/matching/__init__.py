"""The pages of the room matching."""
