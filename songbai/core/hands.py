"""More hands: work that one processor is too slow for, in processes of their own."""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context


def more_hands(processes: int) -> ProcessPoolExecutor:
    """A pool whose processes may use tables: each sets Django up and connects for itself."""
    return ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_set_up)


def _set_up() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "songbai.settings")
    django.setup()
