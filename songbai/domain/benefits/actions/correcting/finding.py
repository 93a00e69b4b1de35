"""Facts learnt late, law that works backwards: past months are decided again, and the difference is
written down.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from songbai.core import clock, scope
from songbai.core.accounts.rules import SYSTEM, Actor, system_only
from songbai.core.regions.rules import bounds
from songbai.domain.benefits.actions.cycles.freezing import receiving
from songbai.domain.benefits.lake import engine as lakes
from songbai.domain.benefits.lake.deciding import otherwise
from songbai.domain.benefits.models import Cycle, CycleException, Payment, Suspension
from songbai.domain.benefits.population.at_size import mates
from songbai.domain.benefits.queries.accounts import accounts_of
from songbai.domain.benefits.queries.cycles import policies_of, policy_of
from songbai.domain.benefits.queries.explain import received_before, register_sheet
from songbai.domain.benefits.rules import Month, Policy, decide_all
from songbai.domain.benefits.rules.account import by_law, change
from songbai.domain.benefits.rules.cycle import ExceptionState, State
from songbai.domain.benefits.rules.library import law, life
from songbai.domain.benefits.rules.paying import PaymentState, months_from
from songbai.domain.benefits.rules.policy import TO_ACCOUNT
from songbai.domain.benefits.rules.register import keys_by_kind
from songbai.domain.benefits.rules.standing import same_law
from songbai.domain.elders.models import Elder, Fact
from songbai.domain.elders.queries.turns import joined_since

from .never_came import never_came
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
class Past:
    """A past month's cycle with the policies as it was decided by and as they are written now, one
    list while nothing of them changed. ``mine`` is the one it is about, now.
    """

    cycle: Cycle
    then: list[Policy]
    now: list[Policy]
    mine: Policy

    @property
    def month(self) -> Month:
        """The month it paid."""
        return Month.parse(self.cycle.month)

    @property
    def policies(self) -> list[Policy]:
        """All of them."""
        return self.then if self.now is self.then else [*self.then, *self.now]


@transaction.atomic
def find_corrections(actor: Actor, cycle: Cycle) -> tuple[int, int]:
    """Decide past months again, for whom something was learnt since and, when the law of a month
    changed, for everybody; returns (arrears, recoveries).

    Only while the cycle is not proposed, so that whoever approves sees them. Run again it finds
    nothing more. Left alone are people suspended, held back by an exception of this cycle, or whose
    past payment is still on its way. Raises NotAllowed.
    """
    system_only(actor)
    held = Cycle.objects.select_for_update().get(pk=cycle.pk)
    if held.state not in BEFORE_PROPOSAL or policy_of(held).pay not in TO_ACCOUNT:
        return 0, 0
    months = [past_of(one) for one in _before(held)]
    if not months:
        return 0, 0
    learnt, alone = _learnt(held, months), _left_alone(held)
    for person, why in never_came(held, [(past.cycle, past.then) for past in months]):
        at, cause = learnt.get(person, why)
        learnt[person] = max(at, why[0]), cause
    found = Corrections(actor, held)
    promised = _is_promised(held)
    for block in _blocks(sorted(learnt.keys() - alone)):
        accounts = accounts_of(held.policy, [past.cycle.month for past in months], block)
        received = [
            received_before(block, past.month, past.policies, [past.cycle.region_id])
            for past in months
        ]
        for elder, facts in _people(block):
            late = learnt[elder.pk]
            for past, paid in zip(months, received, strict=True):
                if late[0] <= past.cycle.snapshot.known_at:
                    continue
                should = should_be(past, elder, facts, paid[elder.pk], Month.parse(held.month))
                if should is not None:
                    account = accounts[elder.pk, past.cycle.month]
                    differs = change(account.promised if promised else account, should)
                    found.put_right(elder.pk, elder.region_id, past.cycle, differs, late)
    for past in months:
        if past.now is not past.then:
            _by_law(found, past, learnt, alone, promised)
    return found.write()


def _by_law(
    found: Corrections,
    past: Past,
    learnt: Mapping[int, tuple[datetime, str]],
    alone: Collection[int],
    promised: bool,
) -> None:
    """The law of a month changed: everybody to whom it now gives another sum.

    Whoever something was learnt of since was decided again by both already.
    """
    cycle, known = past.cycle, past.cycle.snapshot.known_at
    with lakes.lake() as engine:
        receiving(engine, [(policy, cycle.region_id) for policy in past.then], past.month)
        rows = otherwise(engine, cycle.policy, cycle.region_id, past.month, (past.then, past.now))
    done = {elder for elder, (at, _) in learnt.items() if at > known}
    rows = [row for row in rows if row.elder_id not in done and row.elder_id not in alone]
    for at in range(0, len(rows), BLOCK):
        block = rows[at : at + BLOCK]
        accounts = accounts_of(cycle.policy, [cycle.month], [row.elder_id for row in block])
        for row in block:
            should = by_law(row.then, row.now, past.mine)
            if should is not None:
                account = accounts[row.elder_id, cycle.month]
                differs = change(account.promised if promised else account, should)
                why = (clock.now(), "policy")
                found.put_right(row.elder_id, row.region_id, cycle, differs, why)


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


def past_of(cycle: Cycle) -> Past:
    """A past month with the law it was decided by and the law as it is written now."""
    policies = policies_of(cycle.snapshot)
    mine = next(policy for policy in policies if policy.code == cycle.policy)
    then, month = mates(mine, policies), Month.parse(cycle.month)
    written = [life(law().policies, policy.code, month) or policy for policy in then]
    pairs = zip(then, written, strict=True)
    now = then if all(same_law(old, new, month) for old, new in pairs) else written
    return Past(cycle, then, now, now[then.index(mine)])


def _learnt(cycle: Cycle, months: Sequence[Past]) -> dict[int, tuple[datetime, str]]:
    """The last thing learnt of everybody since the first of these months was frozen: when, what.

    Of whose payment was called off nothing need have been learnt: what it paid is still owed.
    """
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
    for elder, at in joined_since(since, low, high):
        found[elder] = max(found.get(elder, (at, "")), (at, "merged"))
    off = Payment.objects.filter(cycle__in=touched, state=PaymentState.CANCELLED)
    found.update(dict.fromkeys(off.values_list("elder_id", flat=True), (clock.now(), "called_off")))
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


def should_be(
    past: Past, elder: Elder, facts: list[Fact], received: frozenset[str], until: Month
) -> int | None:
    """Fen a person should have for a month, from what is known now, ``until`` the month of the
    cycle; None when undecided.
    """
    month = past.month
    frozen_on = past.cycle.snapshot.known_at.astimezone(clock.SHANGHAI).date()
    sheet = register_sheet(
        elder, facts, past.policies, month, day=frozen_on, receiving=received, until=until
    )
    then, now = (
        {one.policy.code: one.amount for one in decide_all(rules, sheet, month)}
        for rules in (past.then, past.now)
    )
    return by_law(then[past.mine.code], now[past.mine.code], past.mine)
