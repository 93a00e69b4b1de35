"""Who knocks at a door: ``tests/doors.py``."""

from tests.doors import daughter, done, fresh_figures, log_in, order, stranger  # noqa: F401
