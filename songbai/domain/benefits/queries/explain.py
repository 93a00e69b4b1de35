"""Explaining one person and month: every policy that is law there, as known then and now.

*Then* is what the month's cycle knew when it froze its facts, with the policy files it used; where
no cycle ran, the end of the month. *Now* is the same month from all that is known today, by the
law as it is written today, as far as a change of it works backwards.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache

from django.db.models import QuerySet

from songbai.core import clock, scope
from songbai.core.acting import Actor, require
from songbai.domain.benefits.declares import BENEFIT_READ
from songbai.domain.benefits.models import CreditGrant, Cycle
from songbai.domain.benefits.models import Decision as Row
from songbai.domain.benefits.queries.cycles import before_of, policy_of
from songbai.domain.benefits.rules.account import by_law
from songbai.domain.benefits.rules.cycle import Outcome
from songbai.domain.benefits.rules.decision import Decision
from songbai.domain.benefits.rules.evaluate import decide_all
from songbai.domain.benefits.rules.facts import Sheet
from songbai.domain.benefits.rules.library import in_force, law, life
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.policy import Policy
from songbai.domain.benefits.rules.register import Stood, days_for, sheet_from, withins
from songbai.domain.benefits.rules.rhythms import months_ahead
from songbai.domain.benefits.rules.standing import same_law
from songbai.domain.elders.models import Elder, Fact
from songbai.domain.elders.queries import note_read, reach_of
from songbai.domain.elders.queries.facts import (
    findings,
    moment,
    of_person,
    statement,
    view_of,
)
from songbai.domain.elders.rules.facts import Finding, since_within


@dataclass(frozen=True)
class Entry:
    """One policy: decided with what was known then, and with what is known now.

    ``cycle`` is the cycle that decided it, ``row`` what it wrote; a cycle without a row found that
    a criterion rules the person out.
    """

    then: Decision
    now: Decision
    cycle: Cycle | None
    row: Row | None

    @property
    def policy(self) -> Policy:
        """The policy as it was used."""
        return self.then.policy

    @property
    def known_at(self) -> datetime | None:
        """Until when its cycle knew; None without a cycle."""
        return self.cycle.snapshot.known_at if self.cycle else None

    @property
    def changed(self) -> bool:
        """Whether what is known now gives another outcome."""
        return self.then.outcome != self.now.outcome

    @property
    def agrees(self) -> bool:
        """Whether deciding again from what was known then gives what the cycle wrote."""
        if self.row is None:
            # Of a policy by application nobody is listed who has not asked for it.
            asked = self.policy.proactive or self.then.decision == "yes"
            return self.cycle is None or self.then.decision == "no" or not asked
        masks = (self.row.failed, self.row.unknown, self.row.amount)
        return masks == (self.then.failed_mask, self.then.unknown_mask, self.then.amount)


@dataclass(frozen=True)
class Explained:
    """Everything for one elder and month; ``known_at`` is until when the last cycle knew."""

    elder: Elder
    month: Month
    known_at: datetime
    entries: tuple[Entry, ...]

    def of(self, code: str) -> Entry | None:
        """One policy; None when it is no law there."""
        return next((entry for entry in self.entries if entry.policy.code == code), None)


def explain(actor: Actor, elder: Elder, month: Month, *, purpose: str, where: str) -> Explained:
    """Explain everything for one elder and month, and leave the trace of reading.

    Raises NotAllowed.
    """
    require(actor, BENEFIT_READ, reach_of(elder))
    facts = of_person(actor, elder)
    districts = districts_of(elder, facts)
    cycles, rows = _cycles(elder, month, districts)
    policies = _in_force(month, cycles)
    receiving = received_before([elder.pk], month, policies, districts)[elder.pk]

    known_at = max((c.snapshot.known_at for c in cycles.values()), default=known_then(month))

    @cache
    def then_sheet(known: datetime) -> Sheet:
        return register_sheet(
            elder, facts, policies, month, day=_day(known), known_at=known, receiving=receiving
        )

    written = {p.code: life(law().policies, p.code, month) or p for p in policies}
    both = [*policies, *written.values()]
    now_sheet = register_sheet(
        elder, facts, both, month, day=_day(known_at), receiving=receiving,
        until=Month(f"{clock.today():%Y-%m}"),
    )  # fmt: skip
    places = {elder.region_id, *_places(then_sheet(known_at)), *_places(now_sheet)}
    held = [p for p in policies if p.code in rows or _touches(p, places)]
    then = _then(held, cycles, then_sheet, month, known_at)
    note_read(actor, [elder], fields=["facts", "benefits"], purpose=purpose, where=where)
    entries = [
        Entry(then[code], now, cycles.get(code), rows.get(code))
        for code, now in _now(held, [written[p.code] for p in held], now_sheet, month).items()
    ]
    return Explained(elder, month, known_at, tuple(entries))


def _then(
    law: Sequence[Policy],
    cycles: Mapping[str, Cycle],
    sheet: Callable[[datetime], Sheet],
    month: Month,
    known_at: datetime,
) -> dict[str, Decision]:
    """Each policy as its cycle decided it: from its facts, beside the policies of its snapshot."""
    found = {one.policy.code: one for one in decide_all(law, sheet(known_at), month)}
    for snapshot in {cycle.snapshot for cycle in cycles.values()}:
        beside = [policy for policy in law if policy.code in snapshot.policies]
        for one in decide_all(beside, sheet(snapshot.known_at), month):
            mine = cycles.get(one.policy.code)
            if mine and mine.snapshot_id == snapshot.pk:
                found[one.policy.code] = one
    return found


def _now(
    used: Sequence[Policy], written: Sequence[Policy], sheet: Sheet, month: Month
) -> dict[str, Decision]:
    """From what is known now: by the law as it is written now, as far as it works backwards."""
    found = {one.policy.code: one for one in decide_all(used, sheet, month)}
    pairs = zip(used, written, strict=True)
    if all(same_law(old, new, month) for old, new in pairs):
        return found
    by_now = {one.policy.code: one for one in decide_all(written, sheet, month)}
    for code, one in by_now.items():
        if by_law(found[code].amount, one.amount, one.policy) == one.amount:
            found[code] = one
    return found


def known_then(month: Month) -> datetime:
    """Until when a month without a cycle knew what it knew: its end, or now while it runs."""
    return min(moment(month.last_day), clock.now())


def districts_of(elder: Elder, facts: Iterable[Fact]) -> list[str]:
    """Districts (12 digits) whose cycles may speak of somebody, the registered one first."""
    tied = [fact.value for fact in facts if fact.kind in {"hukou", "residence"} and fact.value]
    return list(dict.fromkeys(f"{place[:6]}000000" for place in (elder.region_id, *tied)))


def _cycles(
    elder: Elder, month: Month, districts: Sequence[str]
) -> tuple[dict[str, Cycle], dict[str, Row]]:
    """A month's cycles by policy code, the one that wrote about the elder where one did, and what
    they wrote.
    """
    found = Cycle.objects.filter(region_id__in=districts, month=month.text)
    ordered = sorted(found.select_related("snapshot"), key=lambda c: -districts.index(c.region_id))
    cycles = {cycle.policy: cycle for cycle in ordered}
    by_id = {cycle.pk: cycle for cycle in ordered}
    rows = {by_id[row.cycle_id].policy: row for row in _written(by_id, [elder.pk])}
    return cycles | {code: by_id[row.cycle_id] for code, row in rows.items()}, rows


def _in_force(month: Month, cycles: dict[str, Cycle]) -> list[Policy]:
    """The policies of a month, in the text a cycle used where one ran."""
    used = {code: policy_of(cycle) for code, cycle in cycles.items()}
    held = {policy.code: policy for policy in in_force(law().policies, month)}
    return list((held | used).values())


def register_sheet(
    elder: Elder,
    facts: Sequence[Fact],
    policies: Sequence[Policy],
    month: Month,
    *,
    day: date | None = None,
    known_at: datetime | None = None,
    receiving: frozenset[str] = frozenset(),
    until: Month | None = None,
) -> Sheet:
    """What the register says of an elder for a month, from what was known at a moment (now).

    What stands on ``day``, when a cycle freezes (the month's last day, or today while it runs),
    holds for the days policies read; what begins or ends in between is derived for each of them.
    The same as ``lake.facts`` freezes. With ``until``, the last month of which all is known that
    decides, it says of later months, too, what stands in them: of those that pay what rests.
    """
    day = day or min(month.last_day, clock.today())
    view, days = view_of(day, known_at), days_for(policies, month)
    whole = findings(elder, facts, view)
    asked = withins(policies)
    said = [statement(f) for f in facts if f.kind in {kind for kind, _ in asked}]

    def stood_as(finding: Finding) -> Stood:
        one = finding.stands
        since = {d: since_within(said, one, d, known_at) for kind, d in asked if kind == one.kind}
        observed = _day(one.observed_at)
        return Stood(one.value, one.source, observed, one.valid_from, one.valid_to, since)

    def stood_on(days: Sequence[date], turning: Collection[str]) -> dict[date, dict[str, Stood]]:
        moving = [fact for fact in facts if fact.kind in turning]
        stood = {}
        for read in days:
            found = findings(elder, moving, replace(view, day=read)) if moving else {}
            kinds = (whole.keys() - turning) | (found.keys() & turning)
            stood[read] = {k: stood_as(found[k] if k in turning else whole[k]) for k in kinds}
        return stood

    stood = stood_on(days, _turning(facts, known_at, [*days, day]))
    columns = _columns(elder, facts)
    if until is not None:
        died = whole["death"].stands.value if "death" in whole else columns.get("death")
        ahead = months_ahead(policies, month, date.fromisoformat(died) if died else None)
        later = sorted({d for one in ahead for d in days_for(policies, one)} - stood.keys())
        later = [one for one in later if one > days[-1]]
        if later:
            stood |= stood_on(later, _turning(facts, known_at, [*days, day, *later]))
    return sheet_from(stood, columns, receiving, until)


def _turning(facts: Iterable[Fact], known_at: datetime | None, days: Sequence[date]) -> set[str]:
    """Kinds of which a statement begins or ends between these days."""
    low, high = min(days), max(days)
    return {
        fact.kind
        for fact in facts
        if (known_at is None or fact.recorded_at <= known_at)
        and (
            (fact.valid_from is not None and low < fact.valid_from <= high)
            or (fact.valid_to is not None and low <= fact.valid_to < high)
        )
    }


def _day(moment: datetime) -> date:
    return moment.astimezone(clock.SHANGHAI).date()


def _columns(elder: Elder, facts: Iterable[Fact]) -> dict[str, str]:
    """What the register itself holds; a day of death only while no statement says it."""
    held = {
        "birth_date": elder.birth_date.isoformat(),
        "sex": elder.sex,
        "residence": elder.region_id,
    }
    if elder.died_on and not any(fact.kind == "death" for fact in facts):
        held["death"] = elder.died_on.isoformat()
    return held


def received_before(
    elders: Sequence[int], month: Month, policies: Iterable[Policy], districts: Collection[str]
) -> dict[int, frozenset[str]]:
    """Codes of the policies each elder was paid under by the last cycle before a month, and of the
    credits of the month before.
    """
    pairs = [(policy.code, district) for policy in policies for district in districts]
    cycles = {cycle.pk: cycle for cycle in before_of(pairs, month).values()}
    rows = _written(cycles, elders).filter(outcome=Outcome.YES)
    before = clock.month_of(month.first_day - timedelta(days=1))
    granted = CreditGrant.objects.filter(elder__in=elders, month=before)
    found: dict[int, set[str]] = {elder: set() for elder in elders}
    for elder, cycle in rows.values_list("elder_id", "cycle_id"):
        found[elder].add(cycles[cycle].policy)
    for elder, policy in granted.values_list("elder_id", "policy"):
        found[elder].add(policy)
    return {elder: frozenset(codes) for elder, codes in found.items()}


def is_listed(actor: Actor, month: str) -> bool:
    """Whether a month has a list in the actor's scope: credits are given before it begins."""
    return scope.visible(Cycle, actor).filter(month=month).exists()


def paid_by_month(actor: Actor, elder: Elder, months: Iterable[str]) -> dict[str, int]:
    """Fen that cycles gave an elder, by month; months without a cycle are missing.

    The caller leaves the trace of reading. Raises NotAllowed.
    """
    require(actor, BENEFIT_READ, reach_of(elder))
    tied = scope.visible(Fact, actor).filter(elder=elder, kind__in=["hukou", "residence"])
    districts = districts_of(elder, tied)
    cycles = Cycle.objects.filter(region_id__in=districts, month__in=list(months)).in_bulk()
    found = dict.fromkeys((cycle.month for cycle in cycles.values()), 0)
    rows = _written(cycles, [elder.pk]).filter(outcome=Outcome.YES)
    for cycle_id, fen in rows.values_list("cycle_id", "amount"):
        found[cycles[cycle_id].month] += fen or 0
    return found


def _written(cycles: Mapping[int, Cycle], elders: Collection[int]) -> QuerySet[Row]:
    """What cycles wrote about some elders."""
    snapshots = {cycle.snapshot_id for cycle in cycles.values()}
    return Row.objects.filter(
        snapshot_id__in=snapshots, elder_id__in=elders, cycle_id__in=list(cycles)
    )


def _places(sheet: Sheet) -> set[str]:
    statements = [s for key in ("hukou", "residence") for s in sheet.statements.get(key, ())]
    return {str(s.value) for s in statements if s.value}


def _touches(policy: Policy, places: Iterable[str]) -> bool:
    """Whether a policy is law where somebody lives or is registered."""
    return any(place.startswith(policy.regions) for place in places)
