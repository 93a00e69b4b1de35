"""Telling people what changed: what, how much, why, and how to object."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection, transaction

from songbai.core import clock
from songbai.core.accounts.queries import require
from songbai.core.accounts.rules import Actor, Reach
from songbai.core.errors import Refused
from songbai.domain.benefits.declares import BENEFIT_PROPOSE
from songbai.domain.benefits.lake.engine import frozen
from songbai.domain.benefits.models import Cycle, Decision
from songbai.domain.benefits.population import coming
from songbai.domain.benefits.queries.cycles import policies_of, policy_of
from songbai.domain.benefits.rules.cycle import CAUSE_WORDS, Change, NoticeKind, Outcome, State
from songbai.domain.benefits.rules.decision import month_words, sum_words
from songbai.domain.benefits.rules.facts import yuan
from songbai.domain.benefits.rules.missing import missing_by
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.policy import Policy

from . import steps

#: Whom to call; every notice says so.
PHONE = "12349"
KINDS = {
    Change.NEW: NoticeKind.GRANTED,
    Change.CHANGED: NoticeKind.CHANGED,
    Change.STOPPED: NoticeKind.STOPPED,
}


class TownsMissing(Refused):
    """还有镇街没有确认，不能告知。"""


@dataclass(frozen=True)
class _Case:
    """People to whom the same words are said."""

    change: Change
    outcome: Outcome
    failed: int
    unknown: int
    amount: int | None
    before: int | None
    cause: str
    coming: int = 0
    """Fen that a later month pays, of money that is not paid every month."""
    people: Collection[int] | None = None
    """Only these of them; None: all."""


@transaction.atomic
def notify(actor: Actor, cycle: Cycle) -> int:
    """Write the notices of everybody new, changed or stopped, when all towns have confirmed.

    Returns how many. Raises NotAllowed, TownsMissing, WrongState.
    """
    require(actor, BENEFIT_PROPOSE, Reach(cycle.region_id))
    if cycle.state != State.IN_TOWNS:
        raise steps.WrongState
    if cycle.towns.filter(confirmed_at=None).exists():
        raise TownsMissing
    policy = policy_of(cycle)
    cases = list(_cases(cycle, policy))
    made = 0
    with connection.cursor() as cursor:
        for case in cases:
            cursor.execute(_INSERT, _values(cycle, policy, case))
            made += cursor.rowcount
    steps.advance(actor, cycle, State.NOTICED)
    return made


#: Whoever is registered in another district has no name here that this officer may see.
_INSERT = """
INSERT INTO benefits_notice (cycle_id, elder_id, region_id, kind, amount, text, made_at)
SELECT d.cycle_id, d.elder_id, d.region_id, %s, coalesce(d.amount, 0),
  left(replace(%s, '{name}', coalesce(e.name, '您好')), 500), %s
FROM benefits_decision d LEFT JOIN elders_elder e ON e.id = d.elder_id
WHERE d.snapshot_id = %s AND d.cycle_id = %s AND d.change = %s AND d.outcome = %s
  AND d.failed = %s AND d.unknown = %s AND d.amount IS NOT DISTINCT FROM %s
  AND d.before IS NOT DISTINCT FROM %s AND d.cause = %s AND e.erased_at IS NULL
  AND (%s::bigint[] IS NULL OR d.elder_id = ANY(%s))
"""


def _cases(cycle: Cycle, policy: Policy) -> Iterator[_Case]:
    rows = (
        Decision.objects.filter(
            snapshot=cycle.snapshot_id, cycle=cycle, change__in=[int(c) for c in KINDS]
        )
        .order_by()
        .values_list("change", "outcome", "failed", "unknown", "amount", "before", "cause")
        .distinct()
    )
    cases = [_Case(Change(row[0]), Outcome(row[1]), *row[2:]) for row in rows]
    resting = [c for c in cases if policy.has_rhythm and c.outcome is Outcome.YES and not c.amount]
    yield from (case for case in cases if case not in resting)
    if resting:
        with frozen(cycle.snapshot) as people:
            others = policies_of(cycle.snapshot)
            later = coming(people, policy.code, others, Month(cycle.month))
        for case in resting:
            yield from (replace(case, coming=fen, people=some) for fen, some in later.items())


def _values(cycle: Cycle, policy: Policy, case: _Case) -> list[Any]:
    return [
        KINDS[case.change].value,
        text_of(policy, cycle.month, case),
        clock.now(),
        cycle.snapshot_id,
        cycle.pk,
        case.change,
        case.outcome,
        case.failed,
        case.unknown,
        case.amount,
        case.before,
        case.cause,
        case.people and list(case.people),
        case.people and list(case.people),
    ]


def text_of(policy: Policy, month: str, case: _Case) -> str:
    """The words for one case; ``{name}`` is left for the person's name."""
    given = policy, Month(month), case.amount or 0, case.coming
    stopped = case.change is Change.STOPPED
    template = policy.notices["stopped" if stopped else "granted"]
    text = template.format(
        name="{name}",
        month=month_words(*given),
        policy=policy.name,
        amount=sum_words(*given),
        reason=reason_of(policy, case),
        phone=PHONE,
    )
    if not stopped:
        text += f"依据：{policy.reference}，{'、'.join(c.if_yes for c in policy.criteria)}。"
    if case.change is Change.CHANGED and not (policy.has_rhythm and not case.before):
        text += f"上次是 {yuan(case.before or 0)}，变化的原因：{cause_words(policy, case.cause)}。"
    return text


def reason_of(policy: Policy, case: _Case) -> str:
    """Why money stops, in the policy's own sentences."""
    if case.outcome is Outcome.CANNOT_DECIDE:
        keys = [
            key
            for name, bit in policy.bits.items()
            if case.unknown & bit
            for key in missing_by(policy, name)
        ]
        names = dict.fromkeys(policy.vocabulary[key].name for key in keys)
        return f"缺少{'、'.join(names)}，补上后重新核定、该补的补发"
    failed = [c.if_no for c in policy.criteria if case.failed & policy.bits[c.id]]
    if case.failed & policy.bits["amount"]:
        return policy.ended_words
    if case.failed & policy.bits["stacking"]:
        failed.append("已经享受另一项不能同时享受的待遇")
    return "；".join(failed) or cause_words(policy, case.cause)


def cause_words(policy: Policy, cause: str) -> str:
    """The cause of a change as people read it."""
    known = policy.vocabulary.get(cause)
    return f"{known.name}有变化" if known else CAUSE_WORDS.get(cause, cause)
