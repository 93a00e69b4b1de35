"""What a cycle decided is explained as it decided it, also when more is known later."""

import uuid

import pytest

from songbai.core.accounts.rules import SYSTEM
from songbai.domain.benefits import actions
from songbai.domain.benefits.actions.objections import DecidedYourself
from songbai.domain.benefits.queries.explain import Entry, explain, paid_by_month
from songbai.domain.benefits.queries.objections import deciders
from songbai.domain.benefits.rules.cycle import Outcome
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.objection import Ground
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.domain.elders.models import Elder
from tests.cast import Cast, acting

from .cycles import LONGEVITY, another_officer, approved, run_month, say, tongliang_people

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
OCTOBER = Month("2026-10")


def entry_of(cast: Cast, elder: Elder, month: Month = OCTOBER) -> Entry:
    with acting(cast.officer):
        told = explain(cast.officer, elder, month, purpose="核对", where="/test/")
    found = told.of(LONGEVITY)
    assert found is not None
    return found


def test_deciding_again_gives_what_the_cycle_wrote(cast: Cast) -> None:
    tongliang_people(cast)
    cycles = run_month("2026-10")
    with acting(cast.officer):
        told = explain(cast.officer, cast.mother, OCTOBER, purpose="核对", where="/test/")
    assert {e.policy.code for e in told.entries if e.cycle} == cycles.keys()
    assert told.known_at == next(iter(cycles.values())).snapshot.known_at
    assert [e.policy.code for e in told.entries if not e.agrees] == []
    entry = told.of(LONGEVITY)
    assert entry is not None and entry.row is not None
    assert (entry.row.outcome, entry.then.amount) == (Outcome.YES, 1_000)


def test_what_is_learnt_after_the_cycle_is_now_and_not_then(cast: Cast) -> None:
    tongliang_people(cast)
    run_month("2026-10", LONGEVITY)
    record_facts(SYSTEM, cast.mother, [NewFact("death", "2026-09-20")], source="gongan")
    cast.mother.refresh_from_db()
    entry = entry_of(cast, cast.mother)
    assert (entry.then.decision, entry.now.decision) == ("yes", "no")
    assert entry.changed
    assert entry.agrees


def test_the_months_before_say_what_was_given(cast: Cast) -> None:
    tongliang_people(cast)
    run_month("2026-09", LONGEVITY)
    assert paid_by_month(SYSTEM, cast.mother, ["2026-08", "2026-09"]) == {"2026-09": 1_000}


def test_an_objection_is_to_the_cycle_and_its_approver_does_not_answer(cast: Cast) -> None:
    tongliang_people(cast)
    cycle = run_month("2026-10", LONGEVITY)[LONGEVITY]
    checker = another_officer()
    cycle = approved(cast.officer, checker, cycle)
    new = actions.NewObjection(uuid.uuid4(), LONGEVITY, OCTOBER, Ground.AMOUNT)
    with acting(cast.daughter):
        one = actions.raise_objection(cast.daughter, cast.mother, new, where="/test/")
    assert (one.cycle_id, one.then_result, one.then_fen) == (cycle.pk, "yes", 1_000)
    for decider in (cast.officer, checker):
        with acting(decider), pytest.raises(DecidedYourself):
            actions.take(decider, one.pk)
    third = another_officer()
    with acting(third):
        assert {cast.officer.account, checker.account} <= set(
            deciders(cycle, cast.mother.region_id)
        )
        actions.take(third, one.pk)
        done = actions.answer(third, one.pk, "核对过金额，没有错", where="/test/")
    assert (done.now_result, done.now_fen) == ("yes", 1_000)


def test_a_cycle_of_the_district_of_the_hukou_is_found(cast: Cast) -> None:
    tongliang_people(cast)
    say(cast.far_elder, "gongan", "hukou", "500151001001")
    run_month("2026-10", LONGEVITY)
    with acting(cast.far_officer):
        told = explain(cast.far_officer, cast.far_elder, OCTOBER, purpose="核对", where="/test/")
    entry = told.of(LONGEVITY)
    assert entry is not None
    assert entry.cycle is not None
    assert entry.then.amount == 1_000


def test_each_policy_is_explained_from_its_own_cycle(cast: Cast) -> None:
    tongliang_people(cast)
    run_month("2026-10", LONGEVITY)
    record_facts(SYSTEM, cast.mother, [NewFact("hukou", "500152001001")], source="gongan")
    run_month("2026-10", "tekun-care")
    entry = entry_of(cast, cast.mother)
    assert (entry.then.amount, entry.now.decision) == (1_000, "no")
    assert entry.agrees
    with acting(cast.officer):
        told = explain(cast.officer, cast.mother, OCTOBER, purpose="核对", where="/test/")
    other = told.of("tekun-care")
    assert other is not None
    assert (other.cycle is not None, other.then.decision) == (True, "no")
