"""The provider's pages of the room orders."""
