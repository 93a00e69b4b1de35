"""Loading without indexes: secondary indexes of large tables are dropped first and built after."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from django.db import connection

from songbai.core.accounts.models import Access
from songbai.core.audit.models import Read
from songbai.core.events.models import Event
from songbai.core.ledger.models import LedgerAccount, Transfer
from songbai.domain.assessments.models import Assessment, AssessorAnswers
from songbai.domain.benefits.models import CreditGrant
from songbai.domain.dispatch.models import Assignment
from songbai.domain.elders.models import Elder, Fact
from songbai.domain.orders.models import Order, OrderLine, PayerShare
from songbai.domain.providers.models import Shift
from songbai.domain.visits.models import Visit, VisitStep

LARGE = (
    Elder, Fact, CreditGrant, Access, LedgerAccount, Transfer, Order, OrderLine, PayerShare,
    Assignment, Visit, VisitStep, Shift, Event, Read, Assessment, AssessorAnswers,
)  # fmt: skip
CONSTRAINTS = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
       format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname,
              pg_get_constraintdef(oid))
FROM pg_constraint WHERE conrelid = ANY (%s::regclass[]) AND contype IN ('u', 'x')
ORDER BY conrelid, conname
"""
INDEXES = """
SELECT format('DROP INDEX %%I', c.relname), pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = ANY (%s::regclass[])
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype <> 'f')
ORDER BY i.indrelid, c.relname
"""


@contextlib.contextmanager
def without(stage: Callable[[str, Callable[[], int]], None]) -> Iterator[None]:
    """Run the block without secondary indexes and unique constraints of the large tables.

    ``stage`` runs the building at the end, with its name. The tables have only their primary keys
    meanwhile; what breaks a constraint is found when it comes back.
    """
    names = [model._meta.db_table for model in LARGE]
    found: list[tuple[str, str]] = []
    with connection.cursor() as cursor:
        for query in (CONSTRAINTS, INDEXES):
            cursor.execute(query, [names])
            rows = cursor.fetchall()
            found += rows
            for drop, _ in rows:
                cursor.execute(drop)
        yield

        def restore() -> int:
            cursor.execute("SET maintenance_work_mem = '512MB'")
            for _, create in found:
                cursor.execute(create)
            return len(found)

        stage("索引和约束", restore)
