"""Facts learnt late: past months are decided again, and the difference is written down."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Sum

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.errors import NotAllowed
from songbai.core.ledger.actions import post_many
from songbai.core.regions.rules import bounds
from songbai.domain.benefits.models import (
    Arrears,
    Cycle,
    CycleException,
    Payment,
    Recovery,
    Suspension,
)
from songbai.domain.benefits.queries.cycles import policies_of
from songbai.domain.benefits.queries.explain import received_before, register_sheet
from songbai.domain.benefits.rules import Month, Policy, decide_all
from songbai.domain.benefits.rules.cycle import ExceptionState, State
from songbai.domain.benefits.rules.paying import PaymentState, months_from
from songbai.domain.benefits.rules.register import keys_by_kind
from songbai.domain.elders.models import Elder, Fact

from .recovering import claim

#: How many months back facts learnt late are made good.
LOOK_BACK = 12
#: People looked at together.
BLOCK = 500
#: Arrears of suspended money: already counted as entitled then.
RESUMED = "resumed"
#: Cycles whose list may still grow: nobody has proposed it.
BEFORE_PROPOSAL = frozenset({State.CHECKED, State.IN_TOWNS, State.NOTICED})
_ENDED = frozenset({PaymentState.PAID, PaymentState.NOTHING, PaymentState.SUSPENDED})


@dataclass
class _Past:
    """A past month's cycle with what it came to for everybody it touched."""

    cycle: Cycle
    policies: list[Policy]
    accounted: dict[int, int] = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)
    waiting: frozenset[int] = frozenset()


@transaction.atomic
def find_corrections(actor: Actor, cycle: Cycle) -> tuple[int, int]:
    """Decide past months again for whom something was learnt since; returns (arrears, recoveries).

    Only while the cycle is not proposed, so that whoever approves sees them. Run again it finds
    nothing more. Left alone are people suspended, held back by an exception of this cycle, or whose
    past payment is still on its way. Raises NotAllowed.
    """
    if not actor.is_system:
        raise NotAllowed
    held = Cycle.objects.select_for_update().get(pk=cycle.pk)
    months = [_past(one) for one in _before(held)] if held.state in BEFORE_PROPOSAL else []
    if not months:
        return 0, 0
    learnt = _learnt(held, months)
    arrears, recoveries = [], []
    for elder, facts in _people(sorted(learnt.keys() - _left_alone(held))):
        late = learnt[elder.pk]
        for past in months:
            if late[0] <= past.cycle.snapshot.known_at or elder.pk in past.waiting:
                continue
            found = _difference(past, elder, facts)
            if found > 0:
                arrears.append(Arrears(amount=found, **_row(past, elder, late)))
            elif found < 0:
                recoveries.append(Recovery(owed=-found, **_row(past, elder, late)))
    Arrears.objects.bulk_create(arrears)
    Recovery.objects.bulk_create(recoveries)
    post_many(actor, [claim(row, held.region_id) for row in recoveries])
    return len(arrears), len(recoveries)


def _before(cycle: Cycle) -> list[Cycle]:
    year, month = (int(part) for part in cycle.month.split("-"))
    first = months_from(f"{year - LOOK_BACK // 12:04d}-{month:02d}", 1)[0]
    rows = Cycle.objects.filter(
        policy=cycle.policy, region_id=cycle.region_id, month__gte=first, month__lt=cycle.month,
        state__in=[State.PAYING, State.CLOSED],
    )  # fmt: skip
    return list(rows.select_related("snapshot", "policy_text").order_by("month"))


def _past(cycle: Cycle) -> _Past:
    policies = policies_of(cycle.snapshot)
    mine = next(policy for policy in policies if policy.code == cycle.policy)
    groups = {group.group for group in mine.stacking}
    chosen = [p for p in policies if p is mine or groups & {g.group for g in p.stacking}]
    past = _Past(cycle, chosen)
    payments = Payment.objects.filter(cycle=cycle)
    past.waiting = frozenset(
        payments.exclude(state__in=[*_ENDED, PaymentState.CANCELLED]).values_list(
            "elder_id", flat=True
        )
    )
    paid = payments.filter(state__in=_ENDED)
    sums = defaultdict(int, paid.values_list("elder_id", "entitled"))
    this = {"policy": cycle.policy, "month": cycle.month}
    added = Arrears.objects.filter(**this).exclude(payment__state=PaymentState.CANCELLED)
    for elder, fen in _sums(added.exclude(cause=RESUMED), "amount"):
        sums[elder] += fen
    for elder, fen in _sums(Recovery.objects.filter(**this), "owed"):
        sums[elder] -= fen
    past.accounted = sums
    for model in (Arrears, Recovery):
        numbers = model.objects.filter(**this).values_list("elder_id").annotate(n=Max("number"))
        for elder, number in numbers:
            past.numbers[elder] = max(past.numbers.get(elder, 0), number)
    return past


def _sums(rows: object, what: str) -> list[tuple[int, int]]:
    return list(rows.values_list("elder_id").annotate(s=Sum(what)))  # type: ignore[attr-defined]


def _learnt(cycle: Cycle, months: Sequence[_Past]) -> dict[int, tuple[datetime, str]]:
    """The last thing learnt of everybody since the first of these months was frozen: when, what."""
    keys = keys_by_kind(policy for past in months for policy in past.policies)
    since = min(past.cycle.snapshot.known_at for past in months)
    low, high = bounds(cycle.region_id[:6])
    facts = Fact.objects.filter(recorded_at__gt=since, kind__in=keys)
    touched = [past.cycle.pk for past in months]
    near = facts.filter(region_id__gte=low, region_id__lte=high)
    gone = facts.filter(elder_id__in=Payment.objects.filter(cycle__in=touched).values("elder_id"))
    found: dict[int, tuple[datetime, str]] = {}
    for rows in (near, gone):
        for elder, at, kind in rows.values_list("elder_id", "recorded_at", "kind"):
            found[elder] = max(found.get(elder, (at, "")), (at, keys[kind]))
    return found


def _left_alone(cycle: Cycle) -> set[int]:
    suspended = Suspension.objects.filter(policy=cycle.policy, ended_at=None)
    kept_back = CycleException.objects.filter(
        cycle=cycle, blocking=True, state__in=[ExceptionState.OPEN, ExceptionState.HELD]
    )
    return {
        *suspended.values_list("elder_id", flat=True),
        *kept_back.values_list("elder_id", flat=True),
    }


def _people(ids: Sequence[int]) -> Iterator[tuple[Elder, list[Fact]]]:
    for at in range(0, len(ids), BLOCK):
        block = ids[at : at + BLOCK]
        facts: dict[int, list[Fact]] = defaultdict(list)
        for fact in Fact.objects.filter(elder_id__in=block):
            facts[fact.elder_id].append(fact)
        for elder in Elder.objects.filter(pk__in=block, erased_at=None).order_by("pk"):
            yield elder, facts[elder.pk]


def _difference(past: _Past, elder: Elder, facts: list[Fact]) -> int:
    """Fen owed to (or, below 0, by) a person for a month, from what is known now.

    What cannot be decided makes no difference.
    """
    month = Month.parse(past.cycle.month)
    receiving = received_before(elder, month, past.policies, [past.cycle.region_id])
    frozen_on = past.cycle.snapshot.known_at.astimezone(clock.SHANGHAI).date()
    sheet = register_sheet(elder, facts, past.policies, month, day=frozen_on, receiving=receiving)
    decided = decide_all(past.policies, sheet, month)
    amount = next(d.amount for d in decided if d.policy.code == past.cycle.policy)
    return 0 if amount is None else amount - past.accounted.get(elder.pk, 0)


def _row(past: _Past, elder: Elder, late: tuple[datetime, str]) -> dict[str, object]:
    return {
        "elder": elder,
        "region_id": elder.region_id,
        "policy": past.cycle.policy,
        "month": past.cycle.month,
        "number": past.numbers.get(elder.pk, 0) + 1,
        "cause": late[1],
        "cycle": past.cycle,
        "known_at": late[0],
        "found_at": clock.now(),
    }
