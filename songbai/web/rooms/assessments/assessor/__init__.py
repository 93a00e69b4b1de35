"""The assessor's pages of the room assessments."""
