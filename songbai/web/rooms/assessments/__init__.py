"""The pages of the room assessments."""
