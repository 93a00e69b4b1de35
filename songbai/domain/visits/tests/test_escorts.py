"""Checked in at home, checked out at the hospital: each end is held against where it should be."""

import pytest

from songbai.core.geo import Place
from songbai.domain.dispatch.models import Assignment
from songbai.domain.visits.errors import ReasonNeeded, WrongElder
from songbai.domain.visits.models import Visit
from songbai.domain.visits.queries import day_stops, evidence
from songbai.domain.visits.rules import Doubt
from tests.acts import all_steps_done, assigned, begun, left
from tests.cast import HOME, Cast, acting, tomorrow
from tests.escorts import THERE_AND_BACK, at, east, hospital, ordered

WHY = "医院里没有信号"


def on_the_way(cast: Cast, item: str = "") -> Visit:
    """Li Fang has fetched Mrs Wang and done everything."""
    order = ordered(cast, hospital(km=4), item) if item else ordered(cast, hospital(km=4))
    visit = begun(cast, assigned(cast, order))
    all_steps_done(cast, visit)
    return visit


def test_at_the_hospital_no_code_is_asked_for(cast: Cast) -> None:
    visit = on_the_way(cast)
    done = left(cast, visit, code="", place=east(4.3))
    assert done.doubts == []
    assert done.out_metres == pytest.approx(300, abs=5)
    assert done.out_scanned is False


@pytest.mark.parametrize(
    ("place", "doubt", "said"),
    [
        (HOME, Doubt.NOT_THERE, "签退时不在目的地（离目的地 4.0 公里）"),
        (east(4.6), Doubt.NOT_THERE, "离目的地"),
        (None, Doubt.NO_POSITION, "没有定位"),
    ],
)
def test_leaving_elsewhere_needs_a_reason_and_is_kept_as_doubtful(
    cast: Cast, place: Place | None, doubt: Doubt, said: str
) -> None:
    visit = on_the_way(cast)
    with pytest.raises(ReasonNeeded, match=said):
        left(cast, visit, code="", place=place)
    done = left(cast, visit, code="", place=place, reason=WHY)
    assert (done.doubts, done.out_reason) == ([doubt], WHY)
    found = {finding.name: finding for finding in evidence(done)}
    assert not found["送到哪里"].holds


def test_another_elders_code_is_refused_at_the_hospital_too(cast: Cast) -> None:
    visit = on_the_way(cast)
    with pytest.raises(WrongElder):
        left(cast, visit, code=str(cast.neighbour.door_code), place=at(hospital(km=4)))


def test_whoever_is_brought_home_is_checked_out_at_home(cast: Cast) -> None:
    visit = on_the_way(cast, THERE_AND_BACK)
    with pytest.raises(ReasonNeeded, match="离家"):
        left(cast, visit, place=at(hospital(km=4)))
    done = left(cast, visit)
    assert done.doubts == []
    assert "送到哪里" not in {finding.name for finding in evidence(done)}


def test_until_the_check_out_nobody_was_brought_anywhere(cast: Cast) -> None:
    found = {finding.name: finding for finding in evidence(on_the_way(cast))}
    assert (found["送到哪里"].holds, found["送到哪里"].found) == (False, "演示4公里医院，还没签退")


@pytest.mark.parametrize("item", ["B01-04", THERE_AND_BACK])
def test_a_day_leads_through_the_hospital(cast: Cast, item: str) -> None:
    there = hospital(km=4)
    assigned(cast, ordered(cast, there, item))
    home, away = (HOME.longitude, HOME.latitude), (there.longitude, there.latitude)
    with acting(cast.dispatcher):
        [stop] = day_stops(cast.dispatcher, tomorrow(9).date())
    assert stop.way == ([home, away] if item == "B01-04" else [home, away, home])


def test_a_bath_leads_nowhere_else(cast: Cast) -> None:
    assigned(cast)
    with acting(cast.dispatcher):
        [stop] = day_stops(cast.dispatcher, tomorrow(9).date())
    assert stop.way == [(HOME.longitude, HOME.latitude)]
    assert Assignment.objects.get().order.destination is None
