"""The register: every elder once, and who may act for them. Rows M01, M37.

Registering and changing facts with provenance stand on this room; here are the person, the proxy,
and the code at the door that a caregiver scans.
"""
