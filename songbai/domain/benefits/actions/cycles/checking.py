"""The automatic checks of a decided snapshot."""

from collections.abc import Sequence

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.rules import Actor, system_only
from songbai.core.sql import run
from songbai.domain.benefits.lake import engine as lakes
from songbai.domain.benefits.lake.checking import check as check_tables
from songbai.domain.benefits.models import Cycle, Snapshot
from songbai.domain.benefits.queries.cycles import policies_of
from songbai.domain.benefits.rules.cycle import ExceptionState, FileKind, State

from . import steps

_FOUND = (
    "SELECT cycle_id, elder_id, region_id, kind, blocking, facts, about FROM found"
    " ORDER BY cycle_id, elder_id, kind"
)
_TABLE = (
    "cycle_id bigint, elder_id bigint, region_id varchar, kind varchar, blocking boolean,"
    " facts varchar, about varchar"
)
_COLUMNS = "cycle_id, elder_id, region_id, kind, blocking, facts, about"


def check(actor: Actor, snapshot: Snapshot) -> int:
    """Put on the work list what somebody must look at; once. Returns how many.

    Raises NotAllowed, SnapshotMissing, SnapshotDamaged, WrongState.
    """
    system_only(actor)
    cycles = list(snapshot.cycles.order_by("pk"))
    by_code = {policy.code: policy for policy in policies_of(snapshot)}
    table = f"benefits_found_{snapshot.pk}"
    with lakes.lake() as engine:
        facts = lakes.verified(engine, snapshot.files.get(kind=FileKind.FACTS))
        check_tables(engine, snapshot.pk, facts, [(c.pk, by_code[c.policy]) for c in cycles])
        found = lakes.hand_over(engine, _FOUND, table, _TABLE)
        _keep(actor, cycles, table)
    return found


@transaction.atomic
def _keep(actor: Actor, cycles: Sequence[Cycle], table: str) -> None:
    run(
        f"INSERT INTO benefits_cycleexception ({_COLUMNS}, state, found_at, settled_by, reason)"
        f" SELECT {_COLUMNS}, '{ExceptionState.OPEN}', %s, '', '' FROM {table}"
        " ORDER BY cycle_id, elder_id, kind",
        [clock.now()],
    )
    run(f"DROP TABLE {table}")
    for cycle in cycles:
        if Cycle.objects.filter(pk=cycle.pk, state=State.DECIDED).update(state=State.CHECKED) != 1:
            raise steps.WrongState
    steps.note(actor, cycles, State.CHECKED)
