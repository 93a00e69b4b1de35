"""Maker and checker: what one person proposes, others decide; votes are only ever added.

A room registers a kind of proposal with one decorator and says what happens when it is approved.
Nobody votes on one's own proposal: the action says so in words, the database refuses it. Row M37.
"""
