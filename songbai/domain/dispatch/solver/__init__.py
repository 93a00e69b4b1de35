"""The route planner: pure, typed arrays in and out, no Django, no I/O in the core. Rows M14, M19.

``day/`` plans a real day with shifts, breaks, continuity, fairness, pins and reasons: by ruin and
recreate under a falling temperature, the same result for the same seed and number of iterations.

``docs/dispatch-solver.md`` tells how to use both.
"""
