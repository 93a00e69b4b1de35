"""The bureau's pages of the room assessments."""
