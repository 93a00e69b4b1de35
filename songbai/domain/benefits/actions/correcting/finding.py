"""Facts learnt late: past months are decided again, and the difference is written down."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from songbai.core import clock, scope
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.errors import NotAllowed
from songbai.core.regions.rules import bounds
from songbai.domain.benefits.models import Cycle, CycleException, Payment, Suspension
from songbai.domain.benefits.queries.accounts import accounts_of
from songbai.domain.benefits.queries.cycles import policies_of
from songbai.domain.benefits.queries.explain import received_before, register_sheet
from songbai.domain.benefits.rules import Month, Policy, decide_all
from songbai.domain.benefits.rules.account import change
from songbai.domain.benefits.rules.cycle import ExceptionState, State
from songbai.domain.benefits.rules.paying import months_from
from songbai.domain.benefits.rules.register import keys_by_kind
from songbai.domain.elders.models import Elder, Fact

from .putting_right import Corrections

#: How many months back facts learnt late are made good.
LOOK_BACK = 12
#: People looked at together.
BLOCK = 500
#: Cycles whose list may still grow: nobody has proposed it.
BEFORE_PROPOSAL = frozenset({State.CHECKED, State.IN_TOWNS, State.NOTICED})
#: Seen by who approves: what such a list takes along is promised.
_PROMISED = frozenset({State.PROPOSED, State.APPROVED})


@dataclass(frozen=True)
class _Past:
    """A past month's cycle with the policies it was decided by."""

    cycle: Cycle
    policies: list[Policy]


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
    found = Corrections(actor, held)
    promised = _is_promised(held)
    for block in _blocks(sorted(learnt.keys() - _left_alone(held))):
        accounts = accounts_of(held.policy, [past.cycle.month for past in months], block)
        for elder, facts in _people(block):
            late = learnt[elder.pk]
            for past in months:
                if late[0] <= past.cycle.snapshot.known_at:
                    continue
                should = _should(past, elder, facts)
                if should is not None:
                    account = accounts[elder.pk, past.cycle.month]
                    account = account.promised if promised else account
                    found.put_right(elder, past.cycle, change(account, should), late)
    return found.write()


def _is_promised(cycle: Cycle) -> bool:
    """Whether another list of the policy, proposed or approved, takes open arrears along."""
    others = Cycle.objects.filter(policy=cycle.policy, region_id=cycle.region_id)
    approved = others.filter(state__in=_PROMISED)
    unpaid = others.filter(state=State.PAYING, payments=None)
    return approved.exists() or unpaid.exists()


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
    return _Past(cycle, chosen)


def _learnt(cycle: Cycle, months: Sequence[_Past]) -> dict[int, tuple[datetime, str]]:
    """The last thing learnt of everybody since the first of these months was frozen: when, what."""
    keys = keys_by_kind(policy for past in months for policy in past.policies)
    since = min(past.cycle.snapshot.known_at for past in months)
    low, high = bounds(cycle.region_id[:6])
    facts = scope.visible(Fact, SYSTEM).filter(recorded_at__gt=since, kind__in=keys)
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


def _blocks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[at : at + BLOCK] for at in range(0, len(ids), BLOCK))


def _people(block: Sequence[int]) -> Iterator[tuple[Elder, list[Fact]]]:
    facts: dict[int, list[Fact]] = defaultdict(list)
    for fact in scope.visible(Fact, SYSTEM).filter(elder_id__in=block):
        facts[fact.elder_id].append(fact)
    for elder in scope.visible(Elder, SYSTEM).filter(pk__in=block, erased_at=None).order_by("pk"):
        yield elder, facts[elder.pk]


def _should(past: _Past, elder: Elder, facts: list[Fact]) -> int | None:
    """Fen a person should have for a month, from what is known now; None when undecided."""
    month = Month.parse(past.cycle.month)
    receiving = received_before(elder, month, past.policies, [past.cycle.region_id])
    frozen_on = past.cycle.snapshot.known_at.astimezone(clock.SHANGHAI).date()
    sheet = register_sheet(elder, facts, past.policies, month, day=frozen_on, receiving=receiving)
    decided = decide_all(past.policies, sheet, month)
    return next(d.amount for d in decided if d.policy.code == past.cycle.policy)
