"""The pages of the room approvals."""
