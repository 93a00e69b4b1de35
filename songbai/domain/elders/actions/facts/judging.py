"""What people decide about facts: which source is right, and who is believed first."""

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction

from songbai.core import clock
from songbai.core.acting import Actor, may, on, publish, require
from songbai.core.errors import NotAllowed, NotFound, Refused
from songbai.core.found import found_in
from songbai.core.reasons import reason_in
from songbai.core.signing import asked
from songbai.core.waiting import wait_for
from songbai.domain.elders.declares import CONFLICT_DECIDE, TRUST_SET
from songbai.domain.elders.models import Conflict, ConflictState, Elder, Fact, TrustOrder
from songbai.domain.elders.queries import get, reach_of
from songbai.domain.elders.queries.facts import findings, view_of
from songbai.domain.elders.rules.facts import Statement, digest_of
from songbai.domain.elders.rules.kinds import BANK_CARD, DECISION, kind_of

from .person import derive_person
from .turns import take_turn


class AlreadyDecided(Refused):
    """这条冲突已经有结论，或者两边已经一致，不用再处理。"""


class AccountTakesTwo(Refused):
    """领钱的账号要两位同事定：一位报哪个部门说的对，另一位核对同意。"""


class WrongOrder(Refused):
    """可信顺序要把能说明这种情况的部门都排上，每个一次。"""

    field = "sources"


@transaction.atomic
def decide_conflict(actor: Actor, conflict_id: int, *, source: str, reason: str) -> None:
    """Settle which of the disagreeing sources is right.

    The decision stands above every source until somebody decides anew or withdraws it; when a
    source later says something else, the disagreement comes back to the work list.

    Raises NotFound, AlreadyDecided, AccountTakesTwo, ReasonMissing, NotAllowed.
    """
    row, elder, side, behind = disputed(actor, conflict_id, source)
    reason_in(reason)
    if row.kind == BANK_CARD:
        raise AccountTakesTwo
    if not end_disagreement(actor, elder, row.kind, reason):
        raise AlreadyDecided
    _decision(actor, row, side, behind, reason).save(force_insert=True)
    derive_person(elder, [row.kind])
    publish("elder.conflict_decided", actor, **on("elder", elder), fact=row.kind, source=source)


def end_disagreement(actor: Actor, elder: Elder, kind: str, reason: str) -> int:
    """A decision was entered: what sources said against each other waits for nobody any more."""
    return Conflict.objects.filter(elder=elder, kind=kind, state=ConflictState.OPEN).update(
        state=ConflictState.DECIDED,
        ended_at=clock.now(),
        decided_by=actor.account_id,
        decided_by_name=actor.name,
        reason=reason.strip()[:120],
    )


def disputed(
    actor: Actor, conflict_id: int, source: str
) -> tuple[Conflict, Elder, Statement, Fact | None]:
    """An open disagreement about somebody, and what one source says in it; its fact is None for the
    silence of a list. Raises NotFound, AlreadyDecided, NotAllowed.
    """
    require(actor, CONFLICT_DECIDE)
    row = found_in(Conflict.objects.filter(pk=conflict_id))
    elder = get(actor, row.elder_id)
    require(actor, CONFLICT_DECIDE, reach_of(elder))
    take_turn(elder.pk)
    facts = {one.pk: one for one in Fact.objects.filter(elder=elder, kind=row.kind)}
    found = findings(elder, facts.values(), view_of()).get(row.kind)
    if found is None or found.key != row.key:
        raise AlreadyDecided
    side = next((one for one in found.sides if one.source == source), None)
    if side is None:
        raise NotFound
    return row, elder, side, facts.get(side.fact_id)


def _decision(
    actor: Actor, row: Conflict, side: Statement, behind: Fact | None, reason: str
) -> Fact:
    """The decision as a statement of its own; ``behind`` is None for the silence of a list."""
    now = clock.now()
    fact = Fact(
        elder_id=row.elder_id,
        region_id=row.region_id,
        kind=row.kind,
        source=DECISION,
        source_id="",
        value=behind.value if behind else side.value,
        secret=bytes(behind.secret) if behind else b"",
        value_index=bytes(behind.value_index) if behind else b"",
        valid_from=side.valid_from,
        valid_to=side.valid_to,
        observed_at=now,
        recorded_at=now,
        entered_by=actor.account_id,
        reason=reason.strip()[:120],
    )
    during = (side.valid_from, side.valid_to)
    fact.digest = digest_of(DECISION, "", side.value, now, during, withdrawn=False)
    return fact


def may_set_trust(actor: Actor) -> bool:
    """Whether somebody may say who is believed first: only whose scope is the whole place."""
    return may(actor, TRUST_SET) and settings.PORTAL_REGION.startswith(actor.region or "")


@transaction.atomic
def set_trust(actor: Actor, kind: str, sources: Sequence[str], *, reason: str) -> TrustOrder:
    """Set who is believed first about a kind, everywhere; what stands is derived anew by a job.

    Only somebody whose scope is the whole place may; said again, it is one order. Raises
    UnknownKind, WrongOrder, ReasonMissing, NotAllowed.
    """
    if not may_set_trust(actor):
        raise NotAllowed
    found = kind_of(kind)
    if sorted(sources) != sorted(found.sources):
        raise WrongOrder
    reason_in(reason)
    by, why = (actor.account_id, actor.name), reason.strip()[:120]
    wait_for([f"trust:{found.code}"])
    last = TrustOrder.objects.filter(kind=found.code).order_by("-set_at", "-pk").first()
    if last is not None and (last.sources, last.reason) == (list(sources), why):
        return last
    number = asked("elders_set_trust", found.code, list(sources), clock.now(), *by, why)
    row = TrustOrder.objects.get(pk=number)
    publish(
        "facts.trust_set",
        actor,
        subject=("trust", row.pk),
        region=(actor.region or settings.PORTAL_REGION).ljust(12, "0"),
        fact=kind,
        sources=list(sources),
    )
    return row
