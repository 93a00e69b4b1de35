"""Pages of the family door, by what a family comes for."""
