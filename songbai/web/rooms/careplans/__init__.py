"""The pages of the room careplans."""
