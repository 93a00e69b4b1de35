"""Deliveries from seven departments and from villages: checked, matched, kept as facts. Row M01.

A delivery is read row by row against the schema of its feed (``catalogues/feeds``); a row that
fits finds its person and becomes facts with provenance, a row that does not goes back with the
reason at its cell. Legal basis: PIPL art. 13(3) (statutory duties) and the provisions each schema
names.
"""
