"""Writing pieces in processes of their own. Nothing here needs the apps when it is imported."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context


def write_beside(delivery_id: int, processes: int) -> None:
    """Several processes take pieces of a delivery until none is left."""
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for done in [pool.submit(_write_all, delivery_id) for _ in range(processes)]:
            done.result()


def _write_all(delivery_id: int) -> int:
    """In a process of its own: write pieces until none is left; returns how many."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "songbai.settings")
    django.setup()
    from django.db import connection

    from songbai.domain.feeds.actions.writing import write_next

    written = 0
    while write_next(delivery_id):
        written += 1
    connection.close()
    return written
