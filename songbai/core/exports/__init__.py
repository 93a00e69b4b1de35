"""Lists of people that leave the house: asked for with a purpose, marked for one recipient, logged.

Every copy carries three marks: lines anybody can read (to whom, when, what for), invisible
characters in its cells, and the order of its rows. ``songbai exports trace FILE`` reads them back.
Row M37.
"""
