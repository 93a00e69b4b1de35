"""Changing what triggers keep from being changed, for the few acts that must.

Rows that are written once are touched by a new key (same content, other bytes), the erasure of a
person (the row stays, the person goes), a move and a merge (other columns say whose it is). All run
as the owner, never as the web role, which has no right to change those tables whatever the triggers
say.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pgtrigger
from django.db import transaction

from songbai.core.sql import run


@contextmanager
def triggers_of(*tables: str) -> Iterator[None]:
    """A transaction in which the declared triggers of these tables do not act."""
    names = [
        trigger.get_pgid(model)
        for model, trigger in pgtrigger.registered()
        if model._meta.db_table in tables
    ]
    with transaction.atomic():
        run("SELECT set_config('pgtrigger.ignore', %s, true)", [_array(names)])
        yield
        run("SELECT set_config('pgtrigger.ignore', '{}', true)")


def _array(names: list[str]) -> str:
    return "{" + ",".join(f'"{name}"' for name in names) + "}"
