"""The bureau's door: civil-affairs officers of a city, a district or a town.

Every number opens the rows behind it; every look at a person's record is logged with its purpose.
"""
