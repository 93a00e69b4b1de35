"""A cycle in figures, always inside the asker's scope: what adds up, and to whom it leads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import duckdb
from django.db.models import Count, QuerySet, Sum

from songbai.core import scope
from songbai.core.acting import Actor, require
from songbai.core.found import counted
from songbai.core.regions.rules import DIGITS, Level, bounds, inside
from songbai.domain.benefits.declares import BENEFIT_READ
from songbai.domain.benefits.lake import engine as lakes
from songbai.domain.benefits.lake.deciding import tie_of
from songbai.domain.benefits.models import (
    Cycle,
    CycleException,
    Decision,
    Payment,
    SnapshotFile,
    TownPart,
)
from songbai.domain.benefits.rules.cycle import Change, ExceptionState, FileKind, Outcome, State
from songbai.domain.benefits.rules.paying import SETTLED
from songbai.domain.elders.models import Elder

from .cycles import cycles_in, decisions_of, exceptions_of, payable, policy_of


@dataclass(frozen=True)
class Counts:
    """People of a cycle by outcome and by change, with what it costs; fen.

    ``paid_before`` is those paid in the cycle before: those who stay, change and stop.
    """

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    changes: Counter[Change] = field(default_factory=Counter)
    causes: dict[Change, Counter[str]] = field(default_factory=dict)
    fen: int = 0
    fen_before: int = 0

    @property
    def yes(self) -> int:
        """Who is entitled now."""
        return self.outcomes[Outcome.YES]

    @property
    def paid_before(self) -> int:
        """Who was paid in the cycle before."""
        return sum(self.changes[c] for c in (Change.SAME, Change.CHANGED, Change.STOPPED))


def counts(actor: Actor, cycle: Cycle, place: str = "") -> Counts:
    """A cycle in figures, in a place under the scope. Raises NotAllowed."""
    rows = (
        _under(decisions_of(actor, cycle), place)
        .order_by()
        .values_list("outcome", "change", "cause")
        .annotate(n=Count("elder_id"), fen=Sum("amount"), before=Sum("before"))
    )
    found = Counts(causes={change: Counter() for change in Change})
    fen = fen_before = 0
    for outcome, change, cause, n, amount, before in rows:
        found.outcomes[Outcome(outcome)] += n
        found.changes[Change(change)] += n
        found.causes[Change(change)][cause] += n
        fen += amount or 0 if outcome == Outcome.YES else 0
        fen_before += before or 0
    return Counts(found.outcomes, found.changes, found.causes, fen, fen_before)


def people(
    actor: Actor,
    cycle: Cycle,
    *,
    place: str = "",
    outcome: Outcome | None = None,
    change: Change | None = None,
    cause: str = "",
) -> QuerySet[Decision]:
    """The people behind a figure of ``counts``. Raises NotAllowed."""
    rows = _under(decisions_of(actor, cycle), place)
    if outcome is not None:
        rows = rows.filter(outcome=outcome)
    if change is not None:
        rows = rows.filter(change=change)
    return rows.filter(cause=cause) if cause else rows


def kept_back(actor: Actor, cycle: Cycle) -> tuple[int, int]:
    """How many and how much of the yes is kept back by what is open or held. Raises NotAllowed."""
    rows = decisions_of(actor, cycle).filter(outcome=Outcome.YES, amount__gt=0).order_by()
    paid = payable(cycle).values("elder_id")
    found = rows.exclude(elder_id__in=paid).aggregate(n=Count("elder_id"), fen=Sum("amount"))
    return int(found["n"]), int(found["fen"] or 0)


@dataclass(frozen=True)
class Work:
    """What of a cycle waits in the scope: open blocking exceptions, towns that did not confirm, and
    of a closed one the payments that came back.
    """

    open: int = 0
    towns: int = 0
    back: int = 0


def work_in(actor: Actor, cycles: Collection[Cycle]) -> dict[int, Work]:
    """What waits, by cycle. Raises NotAllowed."""
    require(actor, BENEFIT_READ)
    closed = [one.pk for one in cycles if one.state == State.CLOSED]
    ids = [one.pk for one in cycles if one.state in {State.CHECKED, State.IN_TOWNS}]
    here = inside(actor.region or "")
    blocking = CycleException.objects.filter(state=ExceptionState.OPEN, blocking=True, **here)
    towns = TownPart.objects.filter(cycle__in=ids, confirmed_at=None, **here)
    unpaid = Payment.objects.filter(cycle__in=closed, **here).exclude(state__in=SETTLED)
    opened, waiting = counted(blocking.filter(cycle__in=ids), "cycle"), counted(towns, "cycle")
    found = {pk: Work(opened.get(pk, 0), waiting.get(pk, 0)) for pk in ids}
    return found | {pk: Work(back=n) for pk, n in counted(unpaid, "cycle").items()}


def waiting(actor: Actor) -> tuple[Work, Counter[State]]:
    """What waits over all cycles that are not closed, and how many are in each state.

    Raises NotAllowed.
    """
    going = list(cycles_in(actor).exclude(state=State.CLOSED))
    work = work_in(actor, going).values()
    whole = Work(sum(one.open for one in work), sum(one.towns for one in work))
    return whole, Counter(State(one.state) for one in going)


def parts_in(actor: Actor, cycles: Iterable[Cycle]) -> dict[int, tuple[int, int, int]]:
    """People, fen and changes of cycles in a scope smaller than a district, from the towns' parts.

    Raises NotAllowed.
    """
    require(actor, BENEFIT_READ)
    rows = (
        TownPart.objects.filter(cycle__in=list(cycles), **inside(actor.region or ""))
        .order_by()
        .values_list("cycle")
        .annotate(people=Sum("people"), fen=Sum("fen"), changes=Sum("changes"))
    )
    return {cycle: (n, fen, changes) for cycle, n, fen, changes in rows}


def open_by_town(actor: Actor, cycle: Cycle) -> dict[str, int]:
    """Open blocking exceptions by town (9 digits). Raises NotAllowed."""
    rows = exceptions_of(actor, cycle).filter(state=ExceptionState.OPEN, blocking=True)
    codes = rows.order_by().values_list("region_id", flat=True)
    return dict(Counter(code[: DIGITS[Level.TOWN]] for code in codes))


@dataclass(frozen=True)
class Ruled:
    """Everybody a cycle looked at: how many there are, whom its criteria rule out, by the first.

    ``first`` counts people by the id of the first criterion that failed.
    """

    everybody: int
    first: dict[str, int]

    @property
    def out(self) -> int:
        """Whom a criterion rules out."""
        return sum(self.first.values())


def ruled_out(actor: Actor, cycle: Cycle, place: str = "") -> Ruled | None:
    """By the frozen files; None while they are not written. Raises NotAllowed, SnapshotDamaged."""
    require(actor, BENEFIT_READ)
    names = [c.id for c in policy_of(cycle).criteria]
    counted = ", ".join(f"count(*) FILTER ({_first(bit)})" for bit in range(len(names)))
    with lakes.engine_alone() as engine:
        criteria = _criteria(engine, cycle)
        if criteria is None:
            return None
        found = engine.execute(
            f"SELECT count(*), {counted} FROM {criteria}", _range(actor, cycle, place)
        ).fetchone()
    everybody, *first = found or (0,)
    return Ruled(everybody, {name: n for name, n in zip(names, first, strict=True) if n})


def ruled_out_people(
    actor: Actor, cycle: Cycle, criterion: str, place: str, start: int, count: int
) -> list[Elder]:
    """Some of the people a criterion is the first to rule out. Raises NotAllowed."""
    require(actor, BENEFIT_READ)
    names = [c.id for c in policy_of(cycle).criteria]
    with lakes.engine_alone() as engine:
        criteria = _criteria(engine, cycle)
        if criteria is None or criterion not in names:
            return []
        rows = engine.execute(
            f"SELECT person FROM {criteria} AND {_first(names.index(criterion))[6:]}"
            f" ORDER BY region, person LIMIT {int(count)} OFFSET {int(start)}",
            _range(actor, cycle, place),
        ).fetchall()
    found = scope.visible(Elder, actor).in_bulk([person for (person,) in rows])
    return [found[person] for (person,) in rows if person in found]


def _criteria(engine: duckdb.DuckDBPyConnection, cycle: Cycle) -> str | None:
    """FROM clause of everybody of a cycle: person, region, failed; asks for a range of regions."""
    files = {f.kind: f for f in SnapshotFile.objects.filter(snapshot=cycle.snapshot_id)}
    if FileKind.CRITERIA not in files:
        return None
    words = files[FileKind.CRITERIA]
    word, shift, bits = words.layout[cycle.policy]
    tie = tie_of(policy_of(cycle)) or "region"
    district = int(cycle.region_id[:6])
    criteria = lakes.verified(engine, words)
    facts = lakes.verified(engine, files[FileKind.FACTS])
    return (
        f"(SELECT person, (c.failed{word} >> {shift}) & {(1 << bits) - 1} AS failed,"
        f" CASE WHEN f.region // 1000000 = {district} THEN f.region"
        f" ELSE {district * 1_000_000} END AS region"
        f" FROM {criteria} c JOIN {facts} f"
        f" USING (person) WHERE coalesce(f.{tie}, f.region) // 1000000 = {district})"
        " WHERE region BETWEEN ? AND ?"
    )


def _first(bit: int) -> str:
    """Whose first failing criterion it is."""
    return f"WHERE failed & {(1 << (bit + 1)) - 1} = {1 << bit}"


def _range(actor: Actor, cycle: Cycle, place: str) -> list[int]:
    spans = [bounds(prefix) for prefix in (cycle.region_id[:6], actor.region or "", place)]
    return [int(max(low for low, _ in spans)), int(min(high for _, high in spans))]


def _under(rows: QuerySet[Decision], place: str) -> QuerySet[Decision]:
    return rows.filter(**inside(place)) if place else rows
