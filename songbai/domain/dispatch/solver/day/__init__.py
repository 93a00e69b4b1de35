"""A real day: shifts, breaks, skills, continuity, fairness, pins, lags, vans; with reasons.

``problem.py`` says what is asked, ``walk.py`` what a route costs, ``rebuild.py`` searches,
``plan.py`` plans and plans again, ``explain.py`` answers why, ``faults.py`` checks independently.
"""
