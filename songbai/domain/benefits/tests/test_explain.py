"""One person explained: as known then and now, from the register's own facts."""

from datetime import UTC, date, datetime

import pytest

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.audit.models import Read
from songbai.core.errors import NotAllowed
from songbai.domain.benefits.queries.explain import Explained, explain
from songbai.domain.benefits.rules.decision import Decision
from songbai.domain.benefits.rules.months import Month
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.domain.elders.models import Elder
from tests.cast import Cast, acting, make_elder

OCTOBER = Month("2026-10")
POLICIES = {
    "longevity-tongliang", "tongliang-home-service", "elderly-service-subsidy", "tekun-care",
    "chongqing-ltci", "consumption-voucher",
}  # fmt: skip


def asked(actor: Actor, elder: Elder, month: Month = OCTOBER) -> Explained:
    with acting(actor):
        return explain(actor, elder, month, purpose="查看待遇", where="/test/")


def longevity(cast: Cast, elder: Elder) -> tuple[Decision, Decision]:
    entry = asked(cast.officer, elder).of("longevity-tongliang")
    assert entry is not None
    return entry.then, entry.now


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 4, tzinfo=UTC)


@pytest.fixture
def old(cast: Cast) -> Elder:
    """Ninety-one, on the register since the year began."""
    with clock.moved_to(at(1, 5)):
        return make_elder("何寿春", 55, birth_date=date(1935, 3, 2))


def test_every_policy_that_is_law_there_is_explained(cast: Cast, old: Elder) -> None:
    found = asked(cast.officer, old)
    assert {entry.policy.code for entry in found.entries} == POLICIES
    assert all(entry.then.policy is entry.now.policy for entry in found.entries)


def test_what_is_learnt_later_changes_now_and_not_then(cast: Cast, old: Elder) -> None:
    with clock.moved_to(at(11, 20)):
        record_facts(SYSTEM, old, [NewFact("hukou", "500151001001")], source="gongan")
    then, now = longevity(cast, old)
    assert (then.decision, then.missing) == ("cannot_decide", ("hukou",))
    assert (now.decision, now.amount) == ("yes", 20_000)


def test_the_fact_says_who_said_it_and_when(cast: Cast, old: Elder) -> None:
    with clock.moved_to(at(9, 20)):
        record_facts(SYSTEM, old, [NewFact("hukou", "500151001001")], source="gongan")
    then, _ = longevity(cast, old)
    [reading] = next(f for f in then.findings if f.criterion.id == "hukou").readings
    assert (reading.source, reading.observed) == ("gongan", date(2026, 9, 20))


def test_a_death_learnt_later_is_not_known_then(cast: Cast, old: Elder) -> None:
    with clock.moved_to(at(9, 20)):
        record_facts(SYSTEM, old, [NewFact("hukou", "500151001001")], source="gongan")
    with clock.moved_to(at(11, 20)):
        record_facts(SYSTEM, old, [NewFact("death", "2026-09-25")], source="gongan")
    old.refresh_from_db()
    assert old.died_on == date(2026, 9, 25)
    then, now = longevity(cast, old)
    assert (then.decision, now.decision) == ("yes", "no")


def test_a_month_under_way_knows_what_is_known_now(cast: Cast, old: Elder) -> None:
    record_facts(SYSTEM, old, [NewFact("hukou", "500151001001")], source="gongan")
    found = asked(cast.officer, old, Month(clock.month_of(clock.today())))
    assert not any(entry.changed for entry in found.entries)


def test_reading_leaves_a_trace(cast: Cast, old: Elder) -> None:
    asked(cast.officer, old)
    row = Read.objects.get(person_id=old.pk, where="/test/")
    assert (row.purpose, set(row.fields)) == ("查看待遇", {"facts", "benefits"})


@pytest.mark.parametrize(
    "who", ["far_officer", "town_officer", "stranger_family", "caregiver", "provider_staff"]
)
def test_strangers_are_told_nothing(cast: Cast, old: Elder, who: str) -> None:
    with pytest.raises(NotAllowed):
        asked(cast.actors()[who], old)
    assert not Read.objects.filter(person_id=old.pk, where="/test/").exists()


def test_the_daughter_may_ask(cast: Cast) -> None:
    assert asked(cast.daughter, cast.mother).entries
