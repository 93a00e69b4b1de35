"""Reading facts: of one person, and as they were known and valid on any day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db.models import QuerySet

from songbai.core import clock
from songbai.core.acting import Actor, require
from songbai.core.crypto import decrypt
from songbai.core.errors import NotFound
from songbai.core.found import found_in
from songbai.core.regions.rules import bounds, inside
from songbai.domain.elders.declares import CONFLICT_DECIDE, ELDER_READ
from songbai.domain.elders.models import (
    ClosedList,
    Conflict,
    ConflictState,
    Elder,
    Fact,
    TrustOrder,
)
from songbai.domain.elders.queries import reach_of
from songbai.domain.elders.rules.facts import Delivered, Finding, Statement, current
from songbai.domain.elders.rules.kinds import PLACES, kind_of, kinds, words

from .sql import View


def trust(known_at: datetime | None = None) -> dict[str, tuple[str, ...]]:
    """Who is believed first about each kind, now or as it was set at a moment."""
    order = {code: kind.sources for code, kind in kinds().items()}
    rows = TrustOrder.objects.order_by("kind", "-set_at", "-id").distinct("kind")
    if known_at is not None:
        rows = rows.filter(set_at__lte=known_at)
    return order | {row.kind: tuple(row.sources) for row in rows if row.kind in order}


def view_of(day: date | None = None, known_at: datetime | None = None) -> View:
    """How to look: as of a day (today), from what was known at a moment (now)."""
    return View(day or clock.today(), kinds(), trust(known_at), known_at)


def statement(fact: Fact) -> Statement:
    """A row as the rules read it."""
    return Statement(
        kind=fact.kind,
        source=fact.source,
        source_id=fact.source_id,
        value=bytes(fact.value_index).hex() or fact.value,
        observed_at=fact.observed_at,
        recorded_at=fact.recorded_at,
        digest=fact.digest,
        valid_from=fact.valid_from,
        valid_to=fact.valid_to,
        withdrawn=fact.withdrawn,
        fact_id=fact.pk,
    )


def lists_for(region: str) -> list[Delivered]:
    """The complete lists for the district a person lives in; ``region`` is their village."""
    return [
        Delivered(row.kind, row.source, row.as_of, row.recorded_at)
        for row in ClosedList.objects.filter(region_id=f"{region[:6]}000000")
    ]


def findings(elder: Elder, facts: Iterable[Fact], view: View) -> dict[str, Finding]:
    """What stands of these facts of one person."""
    return current(
        [statement(fact) for fact in facts],
        view.day,
        kinds=view.kinds,
        trust=view.trust,
        lists=lists_for(elder.region_id),
        district=f"{elder.region_id[:6]}000000",
        known_at=view.known_at,
    )


def of_person(actor: Actor, elder: Elder) -> list[Fact]:
    """Everything said about a person, the newest observation first.

    The caller leaves the trace of reading. Raises NotAllowed.
    """
    require(actor, ELDER_READ, reach_of(elder))
    return list(Fact.objects.filter(elder=elder).order_by("-observed_at", "-id"))


@dataclass(frozen=True)
class Placed:
    """Where the register has a person, and what anybody said of it."""

    region: str
    said: list[Statement]


def places_said(people: Iterable[int]) -> dict[int, Placed]:
    """Everything said about where people live and where their hukou is; for the program, without
    scope.
    """
    wanted = set(people)
    where = Elder.objects.filter(pk__in=wanted).values_list("pk", "region_id")
    found = {pk: Placed(region, []) for pk, region in where}
    facts = Fact.objects.filter(elder_id__in=wanted, kind__in=PLACES, withdrawn=False)
    for fact in facts.order_by("id"):
        found[fact.elder_id].said.append(statement(fact))
    return found


def current_of(
    actor: Actor, elder: Elder, *, day: date | None = None, known_at: datetime | None = None
) -> dict[str, Finding]:
    """What stands for a person on a day (today), from what was known at a moment (now), by kind.

    The caller leaves the trace of reading. Raises NotAllowed.
    """
    return findings(elder, of_person(actor, elder), view_of(day, known_at))


def plain(fact: Fact) -> str:
    """The value of a fact in words, decrypted when it is secret: the caller says why it reads."""
    kind = kind_of(fact.kind)
    return decrypt(fact.secret) if kind.secret else words(kind, fact.value)


def conflicts(actor: Actor, region: str = "", kind: str = "") -> QuerySet[Conflict]:
    """The work list: open disagreements in scope, the oldest first. Raises NotAllowed."""
    require(actor, CONFLICT_DECIDE)
    rows = Conflict.objects.filter(state=ConflictState.OPEN, **inside(region))
    rows = rows.filter(**inside(actor.region or ""))
    if kind:
        rows = rows.filter(kind=kind)
    return rows.select_related("elder").order_by("opened_at", "id")


def conflict(actor: Actor, conflict_id: int) -> Conflict:
    """One disagreement in scope, open or not, with its person. Raises NotFound, NotAllowed."""
    require(actor, CONFLICT_DECIDE)
    rows = Conflict.objects.filter(**inside(actor.region or ""))
    return found_in(rows.select_related("elder").filter(pk=conflict_id))


def last_trust() -> dict[str, TrustOrder]:
    """Who last set the order of trust of a kind, when and why; the catalogue's is missing."""
    rows = TrustOrder.objects.order_by("kind", "-set_at", "-id").distinct("kind")
    return {row.kind: row for row in rows}


def moment(known_on: date) -> datetime:
    """The last moment of a Shanghai day: what was known on it."""
    return clock.day_bounds(known_on)[1].astimezone(UTC) - timedelta(microseconds=1)
