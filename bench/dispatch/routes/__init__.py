"""A search for the home-care routing benchmark (HHCRSP) alone, as fast as we can make it."""
