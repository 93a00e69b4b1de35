"""Recording what was said about one person, and taking it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from songbai.core import clock
from songbai.core.acting import Actor, on, publish, require
from songbai.core.crypto import blind_index, encrypt
from songbai.core.errors import NotFound, Refused
from songbai.core.reasons import reason_in
from songbai.domain.elders.declares import FACT_RECORD
from songbai.domain.elders.models import Elder, Fact
from songbai.domain.elders.queries import reach_of
from songbai.domain.elders.rules.facts import digest_of
from songbai.domain.elders.rules.kinds import (
    DECISION,
    WrongSource,
    check,
    fit_together,
    kind_of,
)

from .person import derive_person
from .registered import keep_registered
from .turns import take_turn


class WrongPeriod(Refused):
    """结束日期不能早于开始日期。"""

    field = "valid_to"


@dataclass(frozen=True)
class NewFact:
    """One statement to record. ``source_id`` names the source's own row: a later statement with the
    same name replaces this one. ``valid_to`` is the last day on which it holds.
    """

    kind: str
    value: str
    source_id: str = ""
    observed_at: datetime | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    withdrawn: bool = False


@transaction.atomic
def record_facts(
    actor: Actor,
    elder: Elder,
    facts: Sequence[NewFact],
    *,
    source: str,
    reason: str = "",
    batch: int | None = None,
) -> int:
    """Record what a source says about a person, and bring what stands up to date.

    Without ``source_id`` the statement is the source's one word on the kind, so the next replaces
    it; without ``observed_at`` it is said now. Returns how many statements were new; recording the
    same again records nothing.

    Raises UnknownKind, WrongValue, WrongSource, WrongPeriod, NotAllowed.
    """
    require(actor, FACT_RECORD, reach_of(elder))
    rows = [_row(actor, elder, fact, source, reason, batch) for fact in facts]
    return _write(actor, elder, rows)


@transaction.atomic
def withdraw(
    actor: Actor, elder: Elder, kind: str, source: str, source_id: str, *, reason: str
) -> None:
    """Take back what a row of a source said; what other rows and sources say stands again.

    Raises ReasonMissing, NotFound when that row says nothing, NotAllowed.
    """
    require(actor, FACT_RECORD, reach_of(elder))
    reason_in(reason)
    take_turn(elder.pk)
    last = (
        Fact.objects.filter(elder=elder, kind=kind, source=source, source_id=source_id)
        .order_by("-observed_at", "-withdrawn", "-recorded_at", "digest")
        .first()
    )
    if last is None or last.withdrawn:
        raise NotFound
    now = clock.now()
    gone = Fact(
        elder=elder,
        region_id=elder.region_id,
        kind=kind,
        source=source,
        source_id=source_id,
        observed_at=max(now, last.observed_at),
        recorded_at=now,
        withdrawn=True,
        entered_by=actor.account_id,
        reason=reason.strip()[:120],
    )
    gone.digest = digest_of(source, source_id, "", gone.observed_at, (None, None), withdrawn=True)
    _write(actor, elder, [gone])
    publish(
        "elder.fact_withdrawn",
        actor,
        **on("elder", elder),
        fact=kind,
        source=source,
        reason=gone.reason,
    )


def _row(
    actor: Actor, elder: Elder, new: NewFact, source: str, reason: str, batch: int | None
) -> Fact:
    kind = kind_of(new.kind)
    if source not in {*kind.sources, DECISION}:
        raise WrongSource
    if new.valid_from and new.valid_to and new.valid_to < new.valid_from:
        raise WrongPeriod
    value = "" if new.withdrawn else check(kind, new.value, clock.today())
    if source == DECISION:  # departments may put the other end right later
        fit_together(kind, value, elder.birth_date, elder.died_on)
    row = Fact(
        elder=elder,
        region_id=elder.region_id,
        kind=kind.code,
        source=source,
        source_id=new.source_id[:64],
        value="" if kind.secret else value,
        secret=encrypt(value) if kind.secret else b"",
        value_index=blind_index(value) if kind.secret else b"",
        valid_from=new.valid_from,
        valid_to=new.valid_to,
        observed_at=new.observed_at or clock.now(),
        recorded_at=clock.now(),
        withdrawn=new.withdrawn,
        batch=batch,
        entered_by=actor.account_id,
        reason=reason.strip()[:120],
    )
    said = bytes(row.value_index).hex() or row.value
    row.digest = digest_of(
        source,
        row.source_id,
        said,
        row.observed_at,
        (row.valid_from, row.valid_to),
        withdrawn=row.withdrawn,
    )
    return row


def _write(actor: Actor, elder: Elder, rows: list[Fact]) -> int:
    take_turn(elder.pk)
    codes = {row.kind for row in rows}
    keep_registered(codes, str(int(elder.pk)))
    said = Fact.objects.filter(elder=elder)
    if joined := Elder.objects.filter(pk=elder.pk).values_list("merged_into_id", flat=True).get():
        # Said before, it went along: once more it could not come back with an undo.
        said |= Fact.objects.filter(elder_id=joined).exclude(source_id="")
    known = set(said.filter(kind__in=codes).values_list("kind", "digest"))
    fresh = {(row.kind, row.digest): row for row in rows if (row.kind, row.digest) not in known}
    if not fresh:
        return 0
    Fact.objects.bulk_create(fresh.values())
    derive_person(elder, codes)
    publish(
        "elder.facts_recorded",
        actor,
        **on("elder", elder),
        kinds=sorted({kind for kind, _ in fresh}),
        sources=sorted({row.source for row in fresh.values()}),
    )
    return len(fresh)
