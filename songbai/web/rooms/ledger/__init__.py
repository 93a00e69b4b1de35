"""The pages of the room ledger."""
