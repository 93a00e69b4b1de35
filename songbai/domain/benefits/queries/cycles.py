"""Reading cycles: lists in scope, policies as they were decided by, who is paid."""

from collections.abc import Iterable
from functools import lru_cache
from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from songbai.core import scope
from songbai.core.acting import Actor, require
from songbai.core.found import found_in
from songbai.core.regions.rules import inside
from songbai.domain.benefits.declares import BENEFIT_READ
from songbai.domain.benefits.models import (
    Cycle,
    CycleException,
    Decision,
    PolicyText,
    Snapshot,
    TownPart,
)
from songbai.domain.benefits.rules.cycle import ExceptionState, Outcome
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.policy import Policy
from songbai.domain.benefits.rules.reading import parse_policy
from songbai.domain.benefits.rules.standing import as_of, named_by

Row = TypeVar("Row", bound=Model)


@lru_cache(maxsize=200)
def _parsed(digest: str) -> Policy:
    text = PolicyText.objects.get(digest=digest)
    return parse_policy(text.text, text.code)


def policy_of(cycle: Cycle) -> Policy:
    """The policy exactly as the cycle was decided by."""
    found = _parsed(cycle.policy_text_id)
    if not named_by(found):
        return found
    return next(one for one in policies_of(cycle.snapshot) if one.code == cycle.policy)


def policies_of(snapshot: Snapshot) -> list[Policy]:
    """The policies of a snapshot as they were read, in a fixed order."""
    read = [_parsed(digest) for _, digest in sorted(snapshot.policies.items())]
    return [as_of(policy, Month.parse(snapshot.month), read) for policy in read]


def texts_paying_dead() -> list[str]:
    """Digests of the policy texts that say in so many words that they pay after a death."""
    said = PolicyText.objects.filter(text__contains="after_death").values_list("digest", flat=True)
    return [digest for digest in said if _parsed(digest).pays_dead]


def before_of(pairs: Iterable[tuple[str, str]], month: Month) -> dict[tuple[str, str], Cycle]:
    """The latest decided cycle before a month, of each policy code and district (12 digits)."""
    wanted = set(pairs)
    rows = (
        Cycle.objects.filter(
            month__lt=month.text, policy__in={p for p, _ in wanted},
            region_id__in={d for _, d in wanted},
        )
        .filter(snapshot__files__kind="outcomes")
        .order_by("policy", "region_id", "-month")
        .distinct("policy", "region_id")
        .select_related("snapshot")
    )  # fmt: skip
    return {
        (row.policy, row.region_id): row for row in rows if (row.policy, row.region_id) in wanted
    }


def cycles_in(actor: Actor, region: str = "", month: str = "") -> QuerySet[Cycle]:
    """Cycles of the districts in scope (a town sees its district's), latest month first.

    Raises NotAllowed.
    """
    require(actor, BENEFIT_READ)
    rows = Cycle.objects.order_by("-month", "region_id", "policy")
    if not actor.is_system:
        if actor.region is None:
            return rows.none()
        rows = rows.filter(_within(actor.region))
    if region:
        rows = rows.filter(_within(region))
    return rows.filter(month=month) if month else rows


def cycle(actor: Actor, cycle_id: int) -> Cycle:
    """One cycle in scope. Raises NotFound, NotAllowed."""
    return found_in(cycles_in(actor).select_related("snapshot", "region").filter(pk=cycle_id))


def towns_of(actor: Actor, cycle: Cycle) -> QuerySet[TownPart]:
    """The towns' parts of a cycle in scope. Raises NotAllowed."""
    return _cut(actor, cycle.towns.select_related("region").order_by("region_id"))


def parts_of(cycle: Cycle, region: str) -> QuerySet[TownPart]:
    """The part of a cycle that somebody of a division belongs to: the town's or the district's."""
    return cycle.towns.filter(region_id__in=[region[:9].ljust(12, "0"), region[:6].ljust(12, "0")])


def confirmed(cycle: Cycle, region: str) -> bool:
    """Whether the part that somebody of a division belongs to is confirmed."""
    return parts_of(cycle, region).filter(confirmed_at__isnull=False).exists()


def exceptions_of(actor: Actor, cycle: Cycle) -> QuerySet[CycleException]:
    """The work list of a cycle in scope. Raises NotAllowed."""
    return _cut(actor, cycle.exceptions.select_related("elder").order_by("region_id", "id"))


def decisions_of(actor: Actor, cycle: Cycle) -> QuerySet[Decision]:
    """The decisions of a cycle in scope. Raises NotAllowed."""
    rows = Decision.objects.filter(snapshot=cycle.snapshot_id, cycle=cycle)
    return _cut(actor, rows.select_related("elder").order_by("region_id", "elder_id"))


def of_elder(elder_id: int, region: str) -> QuerySet[Decision]:
    """What was decided for one person in the cycles of their district, latest month first.

    The caller checked that the person may be read.
    """
    snapshots = Cycle.objects.filter(region_id=region[:6].ljust(12, "0")).values("snapshot")
    rows = Decision.objects.filter(elder_id=elder_id, snapshot__in=list(
        snapshots.values_list("snapshot", flat=True).distinct()))  # fmt: skip
    return rows.select_related("cycle").order_by("-cycle__month", "cycle__policy")


def payable(cycle: Cycle) -> QuerySet[Decision]:
    """Who is paid: yes, more than nothing, and nothing open or held against it."""
    return to_give(cycle).filter(amount__gt=0)


def to_give(cycle: Cycle) -> QuerySet[Decision]:
    """Who has a benefit, also one whose amount follows from what is spent (vouchers)."""
    kept_back = CycleException.objects.filter(
        cycle=cycle,
        elder=OuterRef("elder_id"),
        blocking=True,
        state__in=[ExceptionState.OPEN, ExceptionState.HELD],
    )
    return Decision.objects.filter(
        ~Exists(kept_back),
        snapshot=cycle.snapshot_id,
        cycle=cycle,
        outcome=Outcome.YES,
    )


def _within(prefix: str) -> Q:
    return Q(**inside(prefix[:6]))


def _cut(actor: Actor, rows: QuerySet[Row]) -> QuerySet[Row]:
    require(actor, BENEFIT_READ)
    return scope.cut(rows, actor)
