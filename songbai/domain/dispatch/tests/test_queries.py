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
from songbai.domain.dispatch.queries import days, hands
from songbai.domain.dispatch.rules import Refusal, WishKind
from songbai.domain.orders.models import Order
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
    row, day, own = assigned(cast), tomorrow(9).date(), {cast.provider.pk}
    [told] = days.told_on(cast.dispatcher, day, own).needs
    assert told.standing is not None
    assert (told.standing.staff_id, told.standing.start) == (
        cast.staff.pk,
        queries.minute_of(day, row.starts_at),
    )
    assert days.told_on(cast.dispatcher, day, own, without_order=row.order_id).needs == ()


def test_a_day_may_be_cut_to_some_providers(cast: Cast) -> None:
    told = days.told_on(cast.dispatcher, tomorrow(9).date(), {cast.other_provider.pk})
    assert [member.name for member in told.members] == ["赵军"]


def test_today_begins_now(cast: Cast) -> None:
    order = placed(cast, window_start=tomorrow(8), window_end=tomorrow(14))
    for now, soonest in ((12, 12 * 60 + 1), (6, 8 * 60)):
        with clock.moved_to(tomorrow(now)), acting(cast.dispatcher):
            found = hands.choice_for(cast.dispatcher, order).candidates
        assert found
        assert min(one.start for one, _ in found) >= soonest


def test_a_window_already_begun_starts_now(cast: Cast) -> None:
    order = placed(cast)
    day = tomorrow(9).date()
    with clock.moved_to(tomorrow(10)):
        told = days.told_on(cast.dispatcher, day, {cast.provider.pk})
        job = hands.job_of(told, order, queries.Ties())
    assert (job.earliest, job.latest) == (10 * 60 + 1, 11 * 60)


def test_the_second_of_two_is_offered_for_when_the_first_comes(cast: Cast) -> None:
    cast.bath.item.caregivers = 2
    cast.bath.item.save()
    order = placed(cast, offer_ids=[cast.bath.pk])
    with acting(cast.dispatcher):
        assign(cast.dispatcher, order.pk, cast.staff.pk, starts_at=tomorrow(10), reason="两个人去")
        order.refresh_from_db()
        [(other, _)] = hands.choice_for(cast.dispatcher, order).candidates
    assert (other.worker_id, other.start) == (cast.second_staff.pk, 600)


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
        long = placed(cast, **during)
        Order.objects.filter(pk=long.pk).update(minutes=240)
        Assignment.objects.bulk_create([busy_all_morning(cast, staff, long.pk)])
    choice = hands.choice_for(cast.dispatcher, order)
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
    choice = hands.choice_for(cast.dispatcher, order)
    assert (choice.candidates, choice.busy, choice.refusal) == ([], [], Refusal.NOBODY_WORKS)


def test_the_assignment_of_an_order(cast: Cast) -> None:
    found = assigned(cast)
    assert queries.of_order(cast.daughter, found.order) == found
    assert queries.of_order(cast.stranger_family, found.order) is None


def test_a_choice_keeps_to_the_wish_and_says_so(cast: Cast) -> None:
    order = placed(cast)
    with acting(cast.dispatcher):
        state_wish(cast.dispatcher, cast.mother, WishKind.REFUSES, cast.staff.pk)
        first = hands.choice_for(cast.dispatcher, order)
        state_wish(cast.dispatcher, cast.mother, WishKind.MAN)
        second = hands.choice_for(cast.dispatcher, order)
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
