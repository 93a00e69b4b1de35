"""From a day's facts to a plan with reasons: pure, around the route solver.

``facts.py`` is what is known of a day, ``tasks.py`` asks the solver, ``engine.py`` lets it search,
``lines.py`` says what came out and why, ``figures.py`` counts.
"""
