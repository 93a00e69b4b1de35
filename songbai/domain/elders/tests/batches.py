"""Facts of many people from rows that tests make up."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from songbai.core.accounts.rules import Actor
from songbai.domain.elders.actions.facts import STAGED, BatchResult, record_staged, staging


def record_batch(actor: Actor, rows: Iterable[Sequence[Any]], *, source: str) -> BatchResult:
    """Record rows, in the order of STAGED, as statements of a source."""
    with staging(), connection.cursor() as cursor:
        with cursor.copy(f"COPY fact_staging ({', '.join(STAGED)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return record_staged(actor, source=source)
