"""What an elder is owed, from the text of a policy to the money in an account.

Policies are data in ``policies/``; ``rules`` reads them and decides for one person, ``population``
for a whole city. A month's cycle decides, publicises and pays; corrections, recoveries and
objections follow. Credits and vouchers are spent on orders. What is not checked against an official
text says so.
"""
