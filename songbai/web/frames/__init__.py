"""The frames of the doors: what every page of a door has around it."""
