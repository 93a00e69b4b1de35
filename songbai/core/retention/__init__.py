"""How long things are kept: rules as data, one periodic job, one row for each run. Row M37.

A rule names what, for how long, counted from when, and on what basis; a room says with one
decorator what forgetting means for its rows. Logs, ledger and counts are never among them.
"""
