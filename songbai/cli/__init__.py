"""The ``songbai`` command: demo, serve, worker, and every Django command."""
