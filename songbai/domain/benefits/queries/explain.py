"""Explaining one person and month: every policy that is law there, as known then and now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from songbai.core import clock
from songbai.core.accounts.queries import require
from songbai.core.accounts.rules import Act, Actor
from songbai.domain.benefits.models import CreditGrant
from songbai.domain.benefits.rules.decision import Decision
from songbai.domain.benefits.rules.evaluate import decide_all
from songbai.domain.benefits.rules.facts import Sheet
from songbai.domain.benefits.rules.library import in_force, shipped
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.policy import Policy
from songbai.domain.benefits.rules.register import ORIGINS, Stood, days_for, sheet_from
from songbai.domain.elders.models import Elder, Fact
from songbai.domain.elders.queries import note_read, reach_of
from songbai.domain.elders.queries.facts import findings, moment, of_person, view_of
from songbai.domain.elders.rules.facts import Finding


@dataclass(frozen=True)
class Explained:
    """All decisions of one elder and month, twice: from what was known at ``known_at``, and now.

    ``then`` and ``now`` hold the same policies in the same order.
    """

    elder: Elder
    month: Month
    known_at: datetime
    then: tuple[Decision, ...]
    now: tuple[Decision, ...]

    def changed(self) -> list[tuple[Decision, Decision]]:
        """Policies whose outcome is another one with what is known now: then, now."""
        pairs = zip(self.then, self.now, strict=True)
        return [(then, now) for then, now in pairs if then.outcome != now.outcome]

    def of(self, code: str) -> tuple[Decision, Decision] | None:
        """One policy's decisions, then and now; None when it is no law there."""
        pairs = zip(self.then, self.now, strict=True)
        return next((pair for pair in pairs if pair[0].policy.code == code), None)


def explain(actor: Actor, elder: Elder, month: Month, *, purpose: str, where: str) -> Explained:
    """Explain everything for one elder and month, and leave the trace of reading.

    Raises NotAllowed.
    """
    require(actor, Act.BENEFIT_READ, reach_of(elder))
    facts, known_at = of_person(actor, elder), known_then(month)
    policies = in_force(shipped(), month)
    receiving = received_before(elder, month)
    sheets = [
        register_sheet(elder, facts, policies, month, known_at=known, receiving=receiving)
        for known in (known_at, None)
    ]
    places = {elder.region_id} | {place for sheet in sheets for place in _places(sheet)}
    law = [policy for policy in policies if _touches(policy, places)]
    then, now = (tuple(decide_all(law, sheet, month)) for sheet in sheets)
    note_read(actor, [elder], fields=["facts", "benefits"], purpose=purpose, where=where)
    return Explained(elder, month, known_at, then, now)


def known_then(month: Month) -> datetime:
    """Until when a month's decisions knew what they knew: its end, or now while it runs."""
    return min(moment(month.last_day), clock.now())


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


def received_before(elder: Elder, month: Month) -> frozenset[str]:
    """Codes of the policies the elder was paid under in the month before."""
    before = clock.month_of(month.first_day - timedelta(days=1))
    rows = CreditGrant.objects.filter(elder=elder, month=before)
    return frozenset(rows.values_list("policy", flat=True))


def _places(sheet: Sheet) -> set[str]:
    statements = [s for key in ("hukou", "residence") for s in sheet.statements.get(key, ())]
    return {str(s.value) for s in statements if s.value}


def _touches(policy: Policy, places: Iterable[str]) -> bool:
    """Whether a policy is law where somebody lives or is registered."""
    return any(place.startswith(policy.regions) for place in places)
