"""Pages of the bureau door, by what they are about."""
