"""A month from frozen facts to the towns' desks."""

import pytest

from songbai.domain.benefits.models import CycleException, Decision, Snapshot
from songbai.domain.benefits.rules.cycle import Change, Outcome, State
from tests.cast import Cast

from .cycles import LONGEVITY, decision, run_month, tongliang_people

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_a_month_is_run_up_to_the_towns(cast: Cast) -> None:
    tongliang_people(cast)
    cycle = run_month("2026-10", LONGEVITY)[LONGEVITY]
    assert cycle.state == State.IN_TOWNS
    assert (cycle.yes, cycle.new, cycle.fen) == (2, 2, 2_000)
    found = decision(cycle, cast.mother)
    assert found is not None
    assert (found.outcome, found.change, found.amount) == (Outcome.YES, Change.NEW, 1_000)
    assert found.cause == "first"
    assert [part.region_id for part in cycle.towns.all()] == ["500151001000"]


def test_running_again_changes_nothing(cast: Cast) -> None:
    tongliang_people(cast)
    before = run_month("2026-10")
    rows = sorted(Decision.objects.values_list("elder_id", "cycle_id", "amount"))
    after = run_month("2026-10")
    assert before.keys() == after.keys()
    assert Snapshot.objects.count() == 1
    assert sorted(Decision.objects.values_list("elder_id", "cycle_id", "amount")) == rows


def test_the_next_month_tells_the_changes(cast: Cast) -> None:
    tongliang_people(cast)
    run_month("2026-09", LONGEVITY)
    cycle = run_month("2026-10", LONGEVITY)[LONGEVITY]
    assert (cycle.new, cycle.same, cycle.stopped) == (0, 2, 0)


def test_towns_where_nobody_is_paid_have_nothing_to_confirm(cast: Cast) -> None:
    cycle = run_month("2026-10", LONGEVITY)[LONGEVITY]
    assert (cycle.yes, cycle.state) == (0, State.IN_TOWNS)
    assert not cycle.towns.exists()


def test_who_cannot_be_decided_is_on_the_work_list(cast: Cast) -> None:
    cycle = run_month("2026-10", LONGEVITY)[LONGEVITY]
    assert (cycle.yes, cycle.cannot_decide) == (0, 2)
    rows = CycleException.objects.filter(cycle=cycle)
    assert {(row.elder_id, row.kind, row.facts) for row in rows} == {
        (cast.mother.pk, "missing_fact", "hukou"),
        (cast.neighbour.pk, "missing_fact", "hukou"),
    }
