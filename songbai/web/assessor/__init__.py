"""The assessor's door: today's visits, the form that needs no signal, conferring and signing.

The manager of an assessment body comes in here too: who goes, when, with which certificate.
"""
