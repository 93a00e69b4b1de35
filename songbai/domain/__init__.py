"""First floor: one room per part of the city's care, in the order care flows."""
