"""Telling people what changed: what, how much, why, and how to object; and sending it out."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.db.models import F

from songbai.core import clock
from songbai.core.acting import Actor, Reach, require, system_only
from songbai.core.crypto import decrypt
from songbai.core.errors import Refused
from songbai.core.regions.rules import bounds
from songbai.core.sql import run
from songbai.domain.benefits.declares import BENEFIT_PROPOSE
from songbai.domain.benefits.lake.engine import frozen
from songbai.domain.benefits.models import Arrears, Cycle, Decision, Notice, Recovery, Suspension
from songbai.domain.benefits.population import coming, instead, lapsed
from songbai.domain.benefits.population.at_size import mates
from songbai.domain.benefits.queries.cycles import policies_of, policy_of
from songbai.domain.benefits.rules.cycle import (
    PHONE,
    Change,
    NoticeKind,
    Outcome,
    State,
)
from songbai.domain.benefits.rules.decision import told
from songbai.domain.benefits.rules.facts import yuan
from songbai.domain.benefits.rules.missing import cause_words, missing_names
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.policy import Policy
from songbai.domain.benefits.telling import Message, Messages

from . import steps

KINDS = {
    Change.NEW: NoticeKind.GRANTED,
    Change.CHANGED: NoticeKind.CHANGED,
    Change.STOPPED: NoticeKind.STOPPED,
}
#: Notices sent out together.
BATCH = 500


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
    lapsed: str = ""
    """Why its paying month will pay nothing of it."""
    people: Collection[int] | None = None
    """Only these of them; None: all."""


@transaction.atomic
def notify(actor: Actor, cycle: Cycle) -> int:
    """Write the notices of everybody new, changed or stopped, or with a past month to put right,
    when all towns have confirmed.

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
    for case in cases:
        made += run(_INSERT, _values(cycle, policy, case))
    for words, people in _instead(cycle, policy).items():
        run(_ADD, [f"{words}。", cycle.pk, people])
    for words, people in _put_right(cycle).items():
        run(_ADD, [words, cycle.pk, people])
        alone = f"{{name}}：{policy.name}{words}不明白或不同意，请打 {PHONE}。"
        at = cycle.snapshot_id, cycle.pk
        made += run(
            _ALONE, [cycle.pk, NoticeKind.CHANGED, alone, clock.now(), *at, people, cycle.pk]
        )
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


#: What is put right of past months is said in the notice of the month, or in one of its own.
_ADD = "UPDATE benefits_notice SET text = left(text || %s, 500) WHERE cycle_id = %s"
_ADD += " AND elder_id = ANY(%s)"
_ALONE = """
INSERT INTO benefits_notice (cycle_id, elder_id, region_id, kind, amount, text, made_at)
SELECT %s, e.id, e.region_id, %s, coalesce(d.amount, 0), left(replace(%s, '{name}', e.name), 500),
  %s
FROM elders_elder e
  LEFT JOIN benefits_decision d ON d.snapshot_id = %s AND d.cycle_id = %s AND d.elder_id = e.id
WHERE e.id = ANY(%s) AND e.erased_at IS NULL
  AND NOT EXISTS (SELECT FROM benefits_notice n WHERE n.cycle_id = %s AND n.elder_id = e.id)
"""


def _put_right(cycle: Cycle) -> dict[str, list[int]]:
    """What this list puts right of past months, in words, with the people to whom they are said."""
    low, high = bounds(cycle.region_id[:6])
    which = {"policy": cycle.policy, "month__lt": cycle.month, "region_id__range": (low, high)}
    suspended = Suspension.objects.filter(policy=cycle.policy, ended_at=None).values("elder_id")
    coming = Arrears.objects.filter(payment=None, withdrawn_at=None, **which)
    asked = Recovery.objects.filter(found_at__gte=cycle.snapshot.known_at, **which)
    said: dict[int, str] = defaultdict(str)
    for template, rows in (
        ("另补发{}。", coming.exclude(elder_id__in=suspended).annotate(fen=F("amount"))),
        ("{}多发了，要退回，怎么退会和您商量。", asked.annotate(fen=F("owed") - F("released"))),
    ):
        sums: dict[int, Counter[str]] = defaultdict(Counter)
        for elder, month, fen in rows.order_by("month").values_list("elder_id", "month", "fen"):
            sums[elder][month] += fen
        for elder, by_month in sums.items():
            if fen := by_month.total():
                said[elder] += template.format(f"{_span(list(by_month))} {yuan(fen)}")
    found: dict[str, list[int]] = defaultdict(list)
    for elder, words in said.items():
        found[words].append(elder)
    return found


def _span(months: Sequence[str]) -> str:
    """Months in order, as a notice says them: 2026 年 6 月, 2026 年 6 月到 2026 年 8 月共."""
    first, last = (f"{month[:4]} 年 {int(month[5:])} 月" for month in (months[0], months[-1]))
    return first if first == last else f"{first}到 {last}共"


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
    nothing = [c for c in cases if c.outcome is Outcome.YES and not c.amount]
    yield from (case for case in cases if case not in nothing)
    if not policy.has_rhythm:
        yield from (case for case in nothing if case.change is not Change.NEW)
    elif nothing:
        law, month = policies_of(cycle.snapshot), Month(cycle.month)
        with frozen(cycle.snapshot) as people:
            later = coming(people, policy.code, law, month)
            sure = coming(people, policy.code, [one.never_lapses() for one in law], month)
            never = set(sure.get(0, ()))
            gone = [person for person in later.get(0, ()) if person not in never]
            why = lapsed(people, policy, month, gone)
        for case in nothing:
            yield from _resting(case, later, never, why)


def _resting(
    case: _Case, later: dict[int, list[int]], never: Collection[int], why: dict[str, list[int]]
) -> Iterator[_Case]:
    """Who is told what a later month pays; of nothing, only who was paid before."""
    yield from (replace(case, coming=fen, people=some) for fen, some in later.items() if fen)
    if case.change is not Change.NEW:
        yield replace(case, people=list(never))
        yield from (replace(case, lapsed=words, people=some) for words, some in why.items())


def _instead(cycle: Cycle, policy: Policy) -> dict[str, list[int]]:
    """Who is paid because another benefit never comes to be paid, by the words that say why."""
    law, month = policies_of(cycle.snapshot), Month(cycle.month)
    if not any(one.has_rhythm for one in mates(policy, law)):
        return {}
    with frozen(cycle.snapshot) as people:
        return instead(people, policy.code, law, month)


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
        None if case.people is None else list(case.people),
        None if case.people is None else list(case.people),
    ]


def text_of(policy: Policy, month: str, case: _Case) -> str:
    """The words for one case; ``{name}`` is left for the person's name."""
    stopped, given = case.change is Change.STOPPED, bool(case.amount or case.coming)
    text = told(
        policy,
        Month(month),
        "stopped" if stopped else "granted",
        (case.amount or 0, case.coming),
        lapsed=case.lapsed,
        reason=reason_of(policy, case),
    )
    if given and not stopped:
        text += f"依据：{policy.reference}，{'、'.join(c.if_yes for c in policy.criteria)}。"
    if case.change is Change.CHANGED and not (policy.has_rhythm and not case.before):
        text += f"上次是 {yuan(case.before or 0)}，变化的原因：{cause_words(case.cause)}。"
    return text


def reason_of(policy: Policy, case: _Case) -> str:
    """Why money stops, in the policy's own sentences."""
    if case.outcome is Outcome.CANNOT_DECIDE:
        lacks = "、".join(missing_names(policy, case.unknown))
        return f"缺少{lacks}，补上后重新核定、该补的补发"
    failed = [c.if_no for c in policy.criteria if case.failed & policy.bits[c.id]]
    if case.failed & policy.bits["amount"]:
        return policy.ended_words
    if case.failed & policy.bits["stacking"]:
        failed.append("已经享受另一项不能同时享受的待遇")
    return "；".join(failed) or cause_words(case.cause)


@transaction.atomic
def send_notices(actor: Actor, way: Messages) -> int:
    """Send one batch of notices that were not sent yet; returns how many are done with.

    Whoever has no phone is told by letter and at the door: nothing is sent, and it is done.
    A batch that was sent and not written down goes out again under the same keys.
    Raises NotAllowed, TryAgain.
    """
    system_only(actor)
    rows = list(
        Notice.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(sent_at=None)
        .order_by("id")
        .select_related("elder")[:BATCH]
    )
    told = [
        Message(str(row.pk), decrypt(row.elder.phone), row.text) for row in rows if row.elder.phone
    ]
    if told:
        way.send(told)
    Notice.objects.filter(pk__in=[row.pk for row in rows]).update(sent_at=clock.now())
    return len(rows)
