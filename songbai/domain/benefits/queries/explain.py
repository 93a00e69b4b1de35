"""Explaining one person and month: every policy that is law there, as known then and now.

*Then* is what the month's cycle knew when it froze its facts, with the policy files it used; where
no cycle ran, the end of the month. *Now* is the same month from all that is known today.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from songbai.core import clock
from songbai.core.accounts.queries import require
from songbai.core.accounts.rules import Act, Actor
from songbai.domain.benefits.models import CreditGrant, Cycle, PolicyText
from songbai.domain.benefits.models import Decision as Row
from songbai.domain.benefits.rules.cycle import Outcome
from songbai.domain.benefits.rules.decision import Decision
from songbai.domain.benefits.rules.evaluate import decide_all
from songbai.domain.benefits.rules.facts import Sheet
from songbai.domain.benefits.rules.library import in_force, shipped
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.policy import Policy
from songbai.domain.benefits.rules.reading import parse_policy
from songbai.domain.benefits.rules.register import ORIGINS, Stood, days_for, sheet_from
from songbai.domain.elders.models import Elder, Fact
from songbai.domain.elders.queries import note_read, reach_of
from songbai.domain.elders.queries.facts import findings, moment, of_person, view_of
from songbai.domain.elders.rules.facts import Finding


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
    def changed(self) -> bool:
        """Whether what is known now gives another outcome."""
        return self.then.outcome != self.now.outcome

    @property
    def agrees(self) -> bool:
        """Whether deciding again from what was known then gives what the cycle wrote."""
        if self.row is None:
            return self.cycle is None or self.then.decision == "no"
        masks = (self.row.failed, self.row.unknown, self.row.amount)
        return masks == (self.then.failed_mask, self.then.unknown_mask, self.then.amount)


@dataclass(frozen=True)
class Explained:
    """Everything for one elder and month; ``known_at`` is until when *then* knew."""

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
    require(actor, Act.BENEFIT_READ, reach_of(elder))
    facts, cycles = of_person(actor, elder), cycles_of(elder, month)
    known_at = max((c.snapshot.known_at for c in cycles.values()), default=known_then(month))
    policies = _in_force(month, cycles)
    receiving = received_before(elder, month, cycles.values())
    sheets = [
        register_sheet(elder, facts, policies, month, known_at=known, receiving=receiving)
        for known in (known_at, None)
    ]
    places = {elder.region_id} | {place for sheet in sheets for place in _places(sheet)}
    law = [p for p in policies if p.code in cycles or _touches(p, places)]
    then, now = (decide_all(law, sheet, month) for sheet in sheets)
    rows = _rows(elder, cycles.values())
    note_read(actor, [elder], fields=["facts", "benefits"], purpose=purpose, where=where)
    entries = [
        Entry(a, b, cycles.get(p.code), rows.get(p.code))
        for p, a, b in zip(law, then, now, strict=True)
    ]
    return Explained(elder, month, known_at, tuple(entries))


def known_then(month: Month) -> datetime:
    """Until when a month without a cycle knew what it knew: its end, or now while it runs."""
    return min(moment(month.last_day), clock.now())


def cycles_of(elder: Elder, month: Month) -> dict[str, Cycle]:
    """The cycles of the elder's district in a month, by policy code."""
    rows = Cycle.objects.filter(region_id=f"{elder.region_id[:6]}000000", month=month.text)
    return {row.policy: row for row in rows.select_related("snapshot", "policy_text")}


def _in_force(month: Month, cycles: dict[str, Cycle]) -> list[Policy]:
    """The policies of a month, in the text a cycle used where one ran."""
    used = {code: as_used(cycle.policy_text) for code, cycle in cycles.items()}
    law = {policy.code: policy for policy in in_force(shipped(), month)}
    return list((law | used).values())


def as_used(text: PolicyText) -> Policy:
    """A policy in the text a cycle used."""
    return _parsed(text.digest, text.code, text.text)


@lru_cache(maxsize=256)
def _parsed(digest: str, code: str, text: str) -> Policy:  # noqa: ARG001  # the digest is the key
    return parse_policy(text, code)


def register_sheet(
    elder: Elder,
    facts: Sequence[Fact],
    policies: Iterable[Policy],
    month: Month,
    *,
    known_at: datetime | None = None,
    receiving: frozenset[str] = frozenset(),
) -> Sheet:
    """What the register says of an elder on the days policies read, from what was known then."""
    view = view_of(month.last_day, known_at)
    stood = {
        day: {
            kind: _stood(finding)
            for kind, finding in findings(elder, facts, replace(view, day=day)).items()
        }
        for day in days_for(policies, month)
    }
    return sheet_from(stood, _columns(elder, facts), receiving)


def _stood(finding: Finding) -> Stood:
    one = finding.stands
    observed = one.observed_at.astimezone(clock.SHANGHAI).date()
    return Stood(one.value, one.source, observed, one.valid_from, one.valid_to)


def _columns(elder: Elder, facts: Iterable[Fact]) -> dict[str, str]:
    """The register's own columns; a day of death only while no statement says where it is from."""
    told = {fact.kind for fact in facts}
    values = {o.column: getattr(elder, o.column) for o in ORIGINS.values() if o.column}
    if ORIGINS["death"].kind in told:
        values.pop(ORIGINS["death"].column)
    return {
        name: value.isoformat() if isinstance(value, date) else str(value or "")
        for name, value in values.items()
    }


def received_before(elder: Elder, month: Month, cycles: Iterable[Cycle]) -> frozenset[str]:
    """Codes of the policies the elder was paid under before a month's cycles, or in the month
    before.
    """
    before = clock.month_of(month.first_day - timedelta(days=1))
    earlier = {cycle.previous_id for cycle in cycles if cycle.previous_id}
    last = Cycle.objects.filter(pk__in=earlier) or Cycle.objects.filter(
        region_id=f"{elder.region_id[:6]}000000", month=before
    )
    paid = {code for code, row in _rows(elder, last).items() if row.outcome == Outcome.YES}
    granted = CreditGrant.objects.filter(elder=elder, month=before)
    return frozenset({*paid, *granted.values_list("policy", flat=True)})


def paid_by_month(elder: Elder, months: Iterable[str]) -> dict[str, int]:
    """Fen that cycles gave an elder, by month; months without a cycle are missing.

    The caller leaves the trace of reading.
    """
    district = f"{elder.region_id[:6]}000000"
    cycles = list(Cycle.objects.filter(region_id=district, month__in=list(months)))
    found = dict.fromkeys((cycle.month for cycle in cycles), 0)
    month_of = {cycle.pk: cycle.month for cycle in cycles}
    rows = Row.objects.filter(
        snapshot_id__in={cycle.snapshot_id for cycle in cycles},
        elder_id=elder.pk,
        cycle_id__in=month_of,
        outcome=Outcome.YES,
    )
    for cycle_id, fen in rows.values_list("cycle_id", "amount"):
        found[month_of[cycle_id]] += fen or 0
    return found


def _rows(elder: Elder, cycles: Iterable[Cycle]) -> dict[str, Row]:
    """What cycles wrote about an elder, by policy code."""
    by_id = {cycle.pk: cycle for cycle in cycles}
    snapshots = {cycle.snapshot_id for cycle in by_id.values()}
    rows = Row.objects.filter(snapshot_id__in=snapshots, elder_id=elder.pk, cycle_id__in=by_id)
    return {by_id[row.cycle_id].policy: row for row in rows}


def _places(sheet: Sheet) -> set[str]:
    statements = [s for key in ("hukou", "residence") for s in sheet.statements.get(key, ())]
    return {str(s.value) for s in statements if s.value}


def _touches(policy: Policy, places: Iterable[str]) -> bool:
    """Whether a policy is law where somebody lives or is registered."""
    return any(place.startswith(policy.regions) for place in places)
