"""Ways into the middle of a cycle: facts recorded, a month run, towns confirmed, approved."""

from datetime import UTC, datetime

from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.approvals.actions import vote
from songbai.core.approvals.rules import Verdict
from songbai.domain.benefits.actions.cycles import confirm, notify, propose, run, settle
from songbai.domain.benefits.models import Cycle, CycleException, Decision
from songbai.domain.benefits.rules.cycle import ExceptionState
from songbai.domain.benefits.rules.months import Month
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.domain.elders.declares import OFFICER
from songbai.domain.elders.models import Elder
from tests.cast import Cast, acting, make_account

TONGLIANG = "500151"
LONGEVITY = "longevity-tongliang"
#: Observed long before any month of these tests.
LONG_AGO = datetime(2026, 1, 2, tzinfo=UTC)


def say(elder: Elder, source: str, kind: str, value: str, **more: object) -> None:
    """A department says something of an elder."""
    fact = NewFact(kind, value, observed_at=LONG_AGO, **more)  # type: ignore[arg-type]
    record_facts(SYSTEM, elder, [fact], source=source, reason="部门数据")


def tongliang_people(cast: Cast) -> None:
    """Mrs Wang and her neighbour have their hukou here and an account each."""
    for number, elder in enumerate((cast.mother, cast.neighbour)):
        say(elder, "gongan", "hukou", elder.region_id)
        say(elder, "renshe", "bank_card", f"62170000000000{number}")


def run_month(month: str, *policies: str) -> dict[str, Cycle]:
    """The month's cycles of Tongliang by policy code, with the towns."""
    for policy in policies or ("",):
        run(SYSTEM, TONGLIANG, Month(month), policy=policy)
    rows = Cycle.objects.filter(month=month, region_id="500151000000")
    return {cycle.policy: cycle for cycle in rows}


def decision(cycle: Cycle, elder: Elder) -> Decision | None:
    """What a cycle decided for somebody."""
    return Decision.objects.filter(snapshot=cycle.snapshot_id, cycle=cycle, elder=elder).first()


def another_officer() -> Actor:
    """A colleague of the district officer."""
    return make_account("陈审", OFFICER, TONGLIANG)


def settled(officer: Actor, cycle: Cycle, *, pay: bool = True) -> None:
    """Everything that holds money back is looked at."""
    for found in CycleException.objects.filter(
        cycle=cycle, state=ExceptionState.OPEN, blocking=True
    ):
        settle(officer, found.pk, pay=pay, reason="电话核对过")


def town_of(cycle: Cycle) -> Actor:
    """An officer of the town where the cast lives."""
    return make_account("巴川", OFFICER, "500151001")


def confirmed(cycle: Cycle) -> Cycle:
    """The town has looked at everything."""
    town = town_of(cycle)
    with acting(town):
        settled(town, cycle)
        for part in cycle.towns.all():
            confirm(town, part.pk)
    cycle.refresh_from_db()
    return cycle


def noticed(officer: Actor, cycle: Cycle) -> Cycle:
    """All towns confirmed, everybody told."""
    confirmed(cycle)
    with acting(officer):
        notify(officer, cycle)
    return cycle


def approved(maker: Actor, checker: Actor, cycle: Cycle) -> Cycle:
    """Told and proposed by ``maker``, agreed to by ``checker``."""
    noticed(maker, cycle)
    with acting(maker):
        proposal = propose(maker, cycle)
    with acting(checker):
        vote(checker, proposal.pk, Verdict.YES)
    cycle.refresh_from_db()
    return cycle
