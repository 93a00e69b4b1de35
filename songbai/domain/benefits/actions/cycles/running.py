"""A month's run from frozen facts to the towns' desks; a killed run goes on where it stopped."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Protocol

from songbai.core.accounts.rules import Actor, system_only
from songbai.core.errors import Refused
from songbai.core.regions.rules import inside
from songbai.core.sql import called
from songbai.domain.benefits.lake import engine as lakes
from songbai.domain.benefits.models import Cycle, Snapshot, SnapshotFile
from songbai.domain.benefits.rules.cycle import State
from songbai.domain.benefits.rules.months import Month

from .checking import check
from .deciding import decide
from .freezing import NothingToRun, freeze, open_pairs, policies_for
from .towns import send_to_towns

#: One run at a time in a record: this number is the lock's.
_LOCK = 5_150_001


class RunningAlready(Refused):
    """另一个核定正在进行，请等它办完。"""


class Stages(Protocol):
    """Who is told of stages: named, then done."""

    def __call__(self, name: str, work: Callable[[], object]) -> object: ...


def quietly(name: str, work: Callable[[], object]) -> object:  # noqa: ARG001  # as Stages say
    """Tell nobody."""
    return work()


def run(
    actor: Actor,
    region: str,
    month: Month,
    *,
    policy: str = "",
    known_at: datetime | None = None,
    stages: Stages = quietly,
) -> list[Cycle]:
    """Take every policy of a division and month to the towns; run again, it changes nothing.

    Returns the division's cycles of the month. Raises NotAllowed, UnknownRegion, TooSmall,
    NothingToRun, RunningAlready, and what the stages raise.
    """
    system_only(actor)
    with alone():
        _forget_orphans()
        _go_on(actor, stages, month)
        policies = policies_for(region, month, policy)
        if open_pairs(region, month, policies):
            stages("冻结资料", lambda: freeze(actor, region, month, policies, known_at))
        _go_on(actor, stages, month)
    found = Cycle.objects.filter(month=month.text, **inside(region))
    found = found.filter(policy=policy) if policy else found
    if not found and not policies:
        raise NothingToRun
    return list(found.order_by("policy", "region_id"))


def resume(actor: Actor, stages: Stages = quietly) -> int:
    """Finish whatever a killed run left; returns how many snapshots it took up.

    Raises NotAllowed, RunningAlready, and what the stages raise.
    """
    system_only(actor)
    with alone():
        _forget_orphans()
        return _go_on(actor, stages)


@contextmanager
def alone() -> Iterator[None]:
    """Hold the lock of runs; the record lets go of it when the process dies.

    Raises RunningAlready.
    """
    if not called("pg_try_advisory_lock", _LOCK):
        raise RunningAlready
    try:
        yield
    finally:
        called("pg_advisory_unlock", _LOCK)


def _go_on(actor: Actor, stages: Stages, month: Month | None = None) -> int:
    """Each stage of each unfinished snapshot, earliest month first."""
    begun = Snapshot.objects.filter(
        cycles__state__in=[State.FROZEN, State.DECIDED, State.CHECKED]
    ).distinct()
    if month is not None:
        begun = begun.filter(month__lte=month.text)
    count = 0
    for snapshot in begun.order_by("month", "pk"):
        count += 1
        states = set(snapshot.cycles.values_list("state", flat=True))
        if State.FROZEN in states:
            stages(f"核定 {snapshot}", partial(decide, actor, snapshot))
            states = {State.DECIDED}
        if State.DECIDED in states:
            stages(f"自动检查 {snapshot}", partial(check, actor, snapshot))
        stages(f"交镇街核对 {snapshot}", partial(send_to_towns, actor, snapshot))
    return count


def _forget_orphans() -> None:
    """Files that a killed run wrote and the record does not know are nobody's."""
    known = set(SnapshotFile.objects.values_list("name", flat=True))
    for path in lakes.folder().glob("*-*"):
        if path.is_file() and path.name not in known:
            path.unlink()
