"""Routes, evidence, and who may look at a visit."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.errors import NotFound
from songbai.domain.visits import queries
from songbai.domain.visits.actions import look
from songbai.domain.visits.models import Visit
from songbai.domain.visits.rules import Doubt
from tests.acts import all_steps_done, assigned, begun, left, placed
from tests.cast import Cast, acting, tomorrow

pytestmark = pytest.mark.long

SEES = ["caregiver", "daughter", "dispatcher", "officer", "provider_staff"]
SEES_NOT = ["other_caregiver", "stranger_family", "far_dispatcher", "far_officer", "town_officer"]


@pytest.mark.parametrize("name", SEES)
def test_those_whom_it_concerns_see_the_visit(cast: Cast, name: str) -> None:
    visit, actor = begun(cast), getattr(cast, name)
    with acting(actor):
        assert queries.get(actor, visit.pk) == visit


@pytest.mark.parametrize("name", [*SEES_NOT, "other_provider_staff"])
def test_for_everybody_else_there_is_none(cast: Cast, name: str) -> None:
    visit = begun(cast)
    actor: Actor = getattr(cast, name)
    with acting(actor):
        with pytest.raises(NotFound):
            queries.get(actor, visit.pk)
        assert not Visit.objects.exists()


def test_a_route_is_the_day_in_order(cast: Cast) -> None:
    afternoon = {"window_start": tomorrow(13), "window_end": tomorrow(15)}
    later = assigned(cast, placed(cast, **afternoon))
    sooner = assigned(cast)
    day = clock.today() + timedelta(days=1)
    with acting(cast.caregiver):
        assert queries.route(cast.caregiver, day) == [sooner, later]
        assert queries.route(cast.caregiver, clock.today()) == []
    with acting(cast.other_caregiver):
        assert queries.route(cast.other_caregiver, day) == []


def test_a_route_is_read_in_few_queries(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    begun(cast)
    day = clock.today() + timedelta(days=1)
    with acting(cast.caregiver), django_assert_max_num_queries(6):
        [stop] = queries.route(cast.caregiver, day)
        assert stop.elder.region.name
        assert list(stop.visit.steps.all()) == []
        assert [line.item.pk for line in stop.order.lines.all()] == ["A05-01"]


def test_the_steps_of_all_services_are_asked_once_each(cast: Cast) -> None:
    order = placed(cast, offer_ids=[cast.bath.pk, cast.cleaning.pk])
    steps = queries.steps_of(order)
    codes = [step.code for step in steps]
    assert len(codes) == len(set(codes))
    assert {code.split(".")[0] for code in codes} == {"A05-01", "A01-02"}


def findings(visit: Visit) -> dict[str, bool]:
    visit.refresh_from_db()
    return {finding.name: finding.holds for finding in queries.evidence(visit)}


def test_a_good_visit_holds_all_six_elements(cast: Cast) -> None:
    visit = begun(cast)
    all_steps_done(cast, visit)
    left(cast, visit)
    names = ["谁去的", "服务谁", "做了什么", "什么时候到", "服务多久", "在哪里"]
    assert findings(visit) == dict.fromkeys(names, True)


def test_each_doubt_shows_at_its_element(cast: Cast) -> None:
    visit = begun(cast, place=None, code="", reason="手机没有信号")
    left(cast, visit, after=10, reason="老人不舒服")
    broken = {name for name, holds in findings(visit).items() if not holds}
    assert broken == {"服务谁", "做了什么", "服务多久", "在哪里"}


@pytest.mark.parametrize("doubt", list(Doubt))
def test_every_doubt_is_said_at_an_element(cast: Cast, doubt: Doubt) -> None:
    visit = begun(cast)
    all_steps_done(cast, visit)
    left(cast, visit)
    visit.doubts = [doubt]
    broken = [one for one in queries.evidence(visit) if not one.holds]
    if doubt is Doubt.NOT_THERE:  # of a visit that ends elsewhere only: test_escorts
        assert broken == []
        return
    [one] = broken
    assert doubt.words in one.found or one.found in doubt.words


def test_who_left_without_a_position_is_told_so(cast: Cast) -> None:
    visit = begun(cast)
    all_steps_done(cast, visit)
    left(cast, visit, place=None, reason="手机没有信号")
    visit.refresh_from_db()
    found = {finding.name: finding for finding in queries.evidence(visit)}
    assert (found["在哪里"].holds, found["在哪里"].found) == (False, "来时：0 米；走时：没有定位")


def test_while_serving_the_length_is_open(cast: Cast) -> None:
    visit = begun(cast)
    found = {finding.name: finding.found for finding in queries.evidence(visit)}
    assert found["服务多久"] == "还在服务"
    assert found["在哪里"] == "0 米"
    assert visit.minutes is None


def test_the_latest_visit_of_an_order(cast: Cast) -> None:
    visit = begun(cast)
    with acting(cast.daughter):
        assert queries.of_order(cast.daughter, visit.order) == visit
    with acting(cast.stranger_family):
        assert queries.of_order(cast.stranger_family, visit.order) is None
    with acting(cast.provider_staff):
        found = queries.latest_of(cast.provider_staff, [visit.order_id])
        assert found == {visit.order_id: visit}


def test_a_day_is_counted(cast: Cast) -> None:
    begun(cast)
    placed(cast)
    afternoon = placed(cast, window_start=tomorrow(14), window_end=tomorrow(16))
    gone = begun(cast, assigned(cast, afternoon), reason="上一单忘了签退")
    left(cast, gone, reason="老人不愿意")
    day = clock.today() + timedelta(days=1)
    counts = queries.day_counts(cast.dispatcher, day)
    assert (counts.open, counts.serving, counts.late) == (1, 1, 0)
    assert (counts.done, counts.doubtful) == (0, 1)
    with acting(cast.officer):
        look(cast.officer, gone.order_id, given=True, reason="问过老人，做了一半")
    counts = queries.day_counts(cast.dispatcher, day)
    assert (counts.done, counts.doubtful) == (1, 0)


def test_who_has_not_come_in_time_is_late(cast: Cast) -> None:
    found = assigned(cast)
    day = clock.today() + timedelta(days=1)
    for minutes, late in ((14, 0), (16, 1)):
        with clock.moved_to(found.starts_at + timedelta(minutes=minutes)):
            assert queries.day_counts(cast.dispatcher, day).late == late


def test_a_visit_never_checked_out_is_found_the_next_day(cast: Cast) -> None:
    visit = begun(cast)
    day = clock.today() + timedelta(days=1)
    assert queries.left_open(cast.caregiver, day) == []
    assert queries.left_open(cast.caregiver, day + timedelta(days=1)) == [visit]


def test_work_is_counted_by_caregiver(cast: Cast) -> None:
    visit = begun(cast)
    left(cast, visit, reason="老人不愿意")
    day = clock.today() + timedelta(days=1)
    work = queries.staff_work(cast.provider_staff, day)
    assert work == {cast.staff.pk: queries.StaffWork(planned=1, done=0)}
    look(cast.officer, visit.order_id, given=True, reason="问过老人，做了一半")
    work = queries.staff_work(cast.provider_staff, day)
    assert work == {cast.staff.pk: queries.StaffWork(planned=1, done=1)}
