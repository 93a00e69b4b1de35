"""Visits: the care given, proven by who, for whom, what, from when, till when, and where.

Row M15. A caregiver scans the code at the elder's door to check in and out; a record may arrive
twice or late and is kept once, with the time of the device beside the time of arrival.
"""
