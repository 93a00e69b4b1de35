"""The day as the desk sees it."""

from datetime import timedelta

import pytest

from songbai.core import clock
from songbai.core.accounts.actions import grant_access
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.errors import NotAllowed
from songbai.core.events.models import Event
from songbai.core.events.registry import said
from songbai.domain.dispatch import queries
from songbai.domain.dispatch.actions import AgainstWish, assign, state_wish
from songbai.domain.dispatch.models import Assignment
from songbai.domain.dispatch.rules import Refusal, WishKind
from songbai.domain.providers.models import Shift, StaffMember
from tests.acts import assigned, placed
from tests.cast import Cast, acting, tomorrow

pytestmark = pytest.mark.long

SEES = ["dispatcher", "officer", "provider_staff", "caregiver", "daughter"]
SEES_NOT = ["far_dispatcher", "town_officer", "other_provider_staff", "stranger_family"]


def next_day() -> object:
    return clock.today() + timedelta(days=1)


@pytest.mark.parametrize("name", SEES)
def test_those_whom_it_concerns_see_the_assignment(cast: Cast, name: str) -> None:
    found, actor = assigned(cast), getattr(cast, name)
    with acting(actor):
        assert list(queries.visible(actor)) == [found]


def test_a_visit_is_the_caregivers_own_even_to_who_reaches_the_elder_too(cast: Cast) -> None:
    found, other = assigned(cast), cast.other_caregiver
    grant_access(
        person_id=cast.mother.pk,
        region=cast.mother.region_id,
        why="visit",
        until=clock.now() + timedelta(days=3),
        account_id=other.account_id,
    )
    with acting(other):
        assert not queries.visible(other).exists()
        assert not Assignment.objects.filter(pk=found.pk).exists()


@pytest.mark.parametrize("name", [*SEES_NOT, "other_caregiver", "far_officer"])
def test_for_everybody_else_there_is_none(cast: Cast, name: str) -> None:
    assigned(cast)
    actor: Actor = getattr(cast, name)
    with acting(actor):
        assert not queries.visible(actor).exists()
        assert not Assignment.objects.exists()


def test_what_was_taken_back_is_not_seen(cast: Cast) -> None:
    assigned(cast)
    Assignment.objects.update(state="withdrawn")
    assert not queries.visible(SYSTEM).exists()


def test_open_orders_are_those_nobody_goes_to(cast: Cast) -> None:
    assigned(cast)
    still = placed(cast)
    with acting(cast.dispatcher):
        day = clock.today() + timedelta(days=1)
        assert list(queries.open_orders(cast.dispatcher, day)) == [still]
        assert not queries.open_orders(cast.dispatcher, clock.today()).exists()
    with pytest.raises(NotAllowed):
        queries.open_orders(cast.daughter, day)


def test_routes_are_by_caregiver_and_time(cast: Cast) -> None:
    afternoon = {"window_start": tomorrow(13), "window_end": tomorrow(15)}
    later = assigned(cast, placed(cast, **afternoon))
    sooner = assigned(cast)
    day = clock.today() + timedelta(days=1)
    assert list(queries.routes(cast.dispatcher, day)) == [sooner, later]
    assert not queries.routes(cast.dispatcher, clock.today()).exists()


def test_what_stands_in_the_day_is_kept_free(cast: Cast) -> None:
    found = assigned(cast)
    day = clock.today() + timedelta(days=1)
    board = queries.day_of(cast.dispatcher, day)
    stops = {worker.staff_id: worker.stops for worker in board.workers}
    [stop] = stops[cast.staff.pk]
    assert stop.start == board.minute(found.starts_at)
    assert stops[cast.second_staff.pk] == []
    without = queries.day_of(cast.dispatcher, day, without_order=found.order_id)
    assert all(worker.stops == [] for worker in without.workers)


def test_a_day_may_be_cut_to_some_providers(cast: Cast) -> None:
    day = clock.today() + timedelta(days=1)
    board = queries.day_of(cast.dispatcher, day, {cast.other_provider.pk})
    assert [worker.name for worker in board.workers] == ["赵军"]


def test_today_begins_now(cast: Cast) -> None:
    today = clock.today()
    with clock.moved_to(clock.at(today, 12)):
        board = queries.day_of(cast.dispatcher, today)
    assert {worker.starts for worker in board.workers} == {12 * 60 + 1}
    with clock.moved_to(clock.at(today, 6)):
        board = queries.day_of(cast.dispatcher, today)
    assert {worker.starts for worker in board.workers} == {7 * 60}


def test_a_window_already_begun_starts_now(cast: Cast) -> None:
    order = placed(cast)
    day = clock.today() + timedelta(days=1)
    with clock.moved_to(tomorrow(10)):
        job = queries.job_of(queries.day_of(cast.dispatcher, day), order, queries.Ties())
    assert (job.earliest, job.latest) == (10 * 60 + 1, 11 * 60)


def test_who_was_there_before_is_known(cast: Cast) -> None:
    found = assigned(cast)
    again = placed(cast)
    assert queries.ties_of([again])[again.pk].known == frozenset()
    with clock.moved_to(found.starts_at + timedelta(hours=3)):
        assert queries.ties_of([again])[again.pk].known == {cast.staff.pk}


def test_a_choice_names_who_is_busy_and_why_nobody_can(cast: Cast) -> None:
    order = placed(cast)
    for staff in (cast.staff, cast.second_staff):
        during = {"window_start": tomorrow(9), "window_end": tomorrow(9, 30)}
        Assignment.objects.bulk_create([busy_all_morning(cast, staff, placed(cast, **during).pk)])
    choice = queries.choice_for(cast.dispatcher, order)
    assert choice.candidates == []
    assert {worker.staff_id for worker in choice.busy} == {cast.staff.pk, cast.second_staff.pk}
    assert choice.refusal is Refusal.NO_TIME


def busy_all_morning(cast: Cast, staff: StaffMember, order_id: int) -> Assignment:
    return Assignment(
        order_id=order_id,
        staff=staff,
        elder=cast.mother,
        region_id=cast.mother.region_id,
        provider=cast.provider,
        staff_name=staff.name,
        starts_at=tomorrow(8),
        during=(tomorrow(8), tomorrow(12)),
        reason="",
    )


def test_a_choice_without_anybody_on_duty(cast: Cast) -> None:
    order = placed(cast)
    Shift.objects.update(sick_at=clock.now())
    choice = queries.choice_for(cast.dispatcher, order)
    assert (choice.candidates, choice.busy, choice.refusal) == ([], [], Refusal.NOBODY_WORKS)


def test_the_assignment_of_an_order(cast: Cast) -> None:
    found = assigned(cast)
    assert queries.of_order(cast.daughter, found.order) == found
    assert queries.of_order(cast.stranger_family, found.order) is None


def test_a_choice_keeps_to_the_wish_and_says_so(cast: Cast) -> None:
    order = placed(cast)
    with acting(cast.dispatcher):
        state_wish(cast.dispatcher, cast.mother, WishKind.REFUSES, cast.staff.pk)
        first = queries.choice_for(cast.dispatcher, order)
        state_wish(cast.dispatcher, cast.mother, WishKind.MAN)
        second = queries.choice_for(cast.dispatcher, order)
    assert [one.worker_id for one, _ in first.candidates] == [cast.second_staff.pk]
    assert (second.candidates, second.refusal) == ([], Refusal.NOT_WISHED)


def test_who_is_refused_is_sent_by_hand_only_when_the_elder_was_asked(cast: Cast) -> None:
    order = placed(cast)
    with acting(cast.dispatcher):
        wish = state_wish(cast.dispatcher, cast.mother, WishKind.REFUSES, cast.staff.pk)
        asked = "电话问过老人，她同意"
        for despite, reason in ((None, ""), (None, asked), (wish.pk, ""), (wish.pk + 1, asked)):
            with pytest.raises(AgainstWish, match="不要李芳"):
                assign(cast.dispatcher, order.pk, cast.staff.pk, reason=reason, despite=despite)
        sent = assign(cast.dispatcher, order.pk, cast.staff.pk, reason=asked, despite=wish.pk)
    assert sent.override_reason == asked
    told = Event.objects.filter(kind="order.assigned").latest("id")
    words = said(told.kind, {**told.payload, "who": "调度"}, "family")
    assert words.endswith(f"老人说过“不要李芳”，原因：{asked}")
