"""The only writers of feeds."""
