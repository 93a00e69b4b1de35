"""The route planner beside its peers: ``python -m bench.dispatch``."""
