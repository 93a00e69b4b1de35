"""The route planner: pure, typed arrays in and out, no Django, no I/O in the core. Rows M14, M19.

Two searches share their manners (explicit routes, times spread from the changed places only, an
undo journal, annealing by elapsed time, the same result for the same seed and number of
iterations):

- ``visits.py`` … ``anneal.py``: the home-care routing benchmark, as fast as we can make it;
- ``day/``: a real day with shifts, breaks, continuity, fairness, pins and reasons.

``docs/dispatch-solver.md`` tells how to use both.
"""
