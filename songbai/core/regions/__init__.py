"""The tree of administrative divisions (statistical codes of 12 digits, GB/T 2260 and GB/T 10114).

The code is the path: a division and all below it share a prefix, and a scope is such a prefix.
Row M38.
"""
