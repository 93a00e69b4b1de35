"""The caregiver's pages of the room visits."""
