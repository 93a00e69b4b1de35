"""Who logs in, as what, for where: accounts, roles × scope, and the one place that says yes or no.

Families log in with a phone and a one-time code, staff with a password and a TOTP code.
Rows M37, M38.
"""
