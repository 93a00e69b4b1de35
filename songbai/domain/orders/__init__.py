"""Orders: one thing to be done for one elder, who pays which part, and how it ended. Row M13.

Money: placing holds each payer's share for the provider, confirming turns what is held into what
is earned, settling pays it out. Cancelling and undoing reverse transfers; nothing is ever edited.
"""
