"""The language criteria are written in: ``age >= 80 and hukou in region``.

Tokens → tree → checked against the kinds of facts. Nothing here runs anything: evaluating for one
person is ``rules.evaluate``, for a whole snapshot ``benefits.population``.
"""
