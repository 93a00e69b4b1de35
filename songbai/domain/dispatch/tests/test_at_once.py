"""Two dispatchers, or a dispatcher and a family, at the same moment; really committed."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.accounts.queries import actors_of
from songbai.core.accounts.rules import Actor
from songbai.core.errors import SongbaiError
from songbai.core.events.models import Event
from songbai.core.geo import Place
from songbai.domain.dispatch.actions import (
    Fix,
    NotADraft,
    NotShared,
    Outdated,
    Planned,
    Published,
    assign,
    draft,
    note_absent,
    plan,
    publish,
    share_position,
    tell_position,
)
from songbai.domain.dispatch.models import Assignment, DayPlan, Position
from songbai.domain.dispatch.rules import AssignmentState, PlanState
from songbai.domain.elders.declares import DISPATCHER, OFFICER
from songbai.domain.orders.actions import cancel
from songbai.domain.orders.errors import TooLate
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OrderState
from tests.acts import assigned, placed
from tests.cast import HOME, Cast, acting, make_account, tomorrow
from tests.together import failures, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


def planning(actor: Actor) -> Callable[[], Planned]:
    def press() -> Planned:
        with acting(actor):
            return plan(actor, clock.today() + timedelta(days=1))

    return press


def one_each(orders: int) -> None:
    """Every order has one caregiver, and no caregiver is at two places."""
    active = Assignment.objects.filter(state=AssignmentState.ACTIVE)
    assert active.values("order_id").distinct().count() == active.count() == orders
    assert Order.objects.filter(state=OrderState.ASSIGNED).count() == orders


def test_two_dispatchers_who_plan_at_once_send_one_each(cast: Cast) -> None:
    for _ in range(3):
        placed(cast)
    second = make_account("孙燕", DISPATCHER, "500151")
    outcomes = together(planning(cast.dispatcher), planning(second), planning(cast.dispatcher))
    assert failures(outcomes) == []
    assert sorted(len(p.assigned) for p in outcomes if isinstance(p, Planned)) == [0, 0, 3]
    one_each(3)


def test_the_city_and_the_district_planning_at_once_send_one_each(cast: Cast) -> None:
    for _ in range(3):
        placed(cast)
    city = make_account("市调度", DISPATCHER, "5001")
    assert failures(together(planning(cast.dispatcher), planning(city))) == []
    one_each(3)


def test_an_order_cancelled_meanwhile_does_not_undo_the_plan(cast: Cast) -> None:
    gone, _, _ = placed(cast), placed(cast), placed(cast)

    def press() -> None:
        with acting(cast.daughter):
            cancel(cast.daughter, gone.pk)

    assert failures(together(planning(cast.dispatcher), press)) == []
    assert Order.objects.get(pk=gone.pk).state == OrderState.CANCELLED
    assert Order.objects.filter(state=OrderState.ASSIGNED).count() == 2


def test_two_who_send_one_caregiver_to_two_places_send_her_to_one(cast: Cast) -> None:
    orders = [placed(cast), placed(cast)]

    def send(order: Order) -> Assignment:
        with acting(cast.dispatcher):
            return assign(
                cast.dispatcher, order.pk, cast.staff.pk, starts_at=tomorrow(9), reason="都要她去"
            )

    outcomes = together(*(lambda order=order: send(order) for order in orders))
    [error] = failures(outcomes)
    assert isinstance(error, SongbaiError)
    one_each(1)


def test_sending_and_cancelling_at_once_never_sends_to_a_cancelled_order(cast: Cast) -> None:
    order = placed(cast)

    def send() -> None:
        with acting(cast.dispatcher):
            assign(cast.dispatcher, order.pk, cast.staff.pk, reason="就近安排")

    def stop() -> None:
        with acting(cast.daughter):
            cancel(cast.daughter, order.pk)

    errors = failures(together(send, stop))
    assert all(isinstance(error, SongbaiError) for error in errors)
    assert not any(isinstance(error, TooLate) for error in errors)
    assert Order.objects.get().state == OrderState.CANCELLED


def test_the_cast_is_whole_after_tests_that_commit(cast: Cast) -> None:
    account = Account.objects.get(pk=cast.officer.account)
    assert [actor.kind for actor in actors_of(account)] == [OFFICER]


def publishing(actor: Actor, plan_id: int) -> Callable[[], Published]:
    def press() -> Published:
        with acting(actor):
            return publish(actor, plan_id)

    return press


def drafted(cast: Cast) -> int:
    with acting(cast.dispatcher):
        return draft(cast.dispatcher, clock.today() + timedelta(days=1)).pk


def told_of(order_id: int) -> list[str]:
    """What family and caregivers heard of an order since it was placed."""
    events = Event.objects.filter(subject_kind="order", subject_id=order_id).order_by("pk")
    return [event.kind for event in events if event.kind != "order.placed"]


def test_two_dispatchers_who_publish_two_drafts_at_once_publish_one(cast: Cast) -> None:
    orders = [placed(cast), placed(cast)]
    one, other = drafted(cast), drafted(cast)
    second = make_account("孙燕", DISPATCHER, "500151")
    outcomes = together(publishing(cast.dispatcher, one), publishing(second, other))
    [error] = failures(outcomes)
    assert isinstance(error, Outdated)
    one_each(2)
    for order in orders:
        assert told_of(order.pk) == ["order.assigned"]
    states = sorted(DayPlan.objects.values_list("state", flat=True))
    assert states == [PlanState.DRAFT, PlanState.PUBLISHED]


def test_one_draft_published_by_two_is_published_once(cast: Cast) -> None:
    order = placed(cast)
    plan_id = drafted(cast)
    second = make_account("孙燕", DISPATCHER, "500151")
    outcomes = together(publishing(cast.dispatcher, plan_id), publishing(second, plan_id))
    [error] = failures(outcomes)
    assert isinstance(error, NotADraft | Outdated)
    assert told_of(order.pk) == ["order.assigned"]


def test_who_falls_ill_while_it_is_published_is_sent_nowhere_unnoticed(cast: Cast) -> None:
    """Either the plan comes first and she is in it, or she is absent and the plan is refused."""
    for hour in (9, 11, 13):
        placed(cast, window_start=tomorrow(hour), window_end=tomorrow(hour + 1))
    plan_id, day = drafted(cast), clock.today() + timedelta(days=1)

    def call_in_sick() -> int:
        with acting(cast.dispatcher):
            return note_absent(cast.dispatcher, cast.staff.pk, day, "发烧")

    outcomes = together(publishing(cast.dispatcher, plan_id), call_in_sick)
    sent = Assignment.objects.filter(state=AssignmentState.ACTIVE, staff=cast.staff).count()
    errors = failures(outcomes)
    if errors:
        assert [type(error) for error in errors] == [Outdated]
        assert not Assignment.objects.filter(state=AssignmentState.ACTIVE).exists()
        assert not Event.objects.filter(kind="order.assigned").exists()
    else:
        assert outcomes[1] == sent  # whoever noted it knows how many of hers need somebody else


def test_whoever_is_sent_by_hand_while_a_draft_is_published_is_sent_once(cast: Cast) -> None:
    order = placed(cast)
    plan_id = drafted(cast)

    def send() -> Assignment:
        with acting(cast.dispatcher):
            return assign(
                cast.dispatcher,
                order.pk,
                cast.second_staff.pk,
                starts_at=tomorrow(10),
                reason="家属要求",
            )

    outcomes = together(publishing(cast.dispatcher, plan_id), send)
    one_each(1)
    # The later of the two either was refused or replaced the first, and then said so.
    said = told_of(order.pk)
    assert said in (
        ["order.assigned"],
        ["order.assigned", "assignment.withdrawn", "order.assigned"],
    )
    assert len(failures(outcomes)) == (said == ["order.assigned"])


def telling(cast: Cast, at: datetime, longitude: float) -> Callable[[], bool]:
    def send() -> bool:
        with acting(cast.caregiver):
            return tell_position(cast.caregiver, Fix(Place(longitude, HOME.latitude), 20, at))

    return send


def sharing(cast: Cast, *, shared: bool) -> Callable[[], Position]:
    def press() -> Position:
        with acting(cast.caregiver):
            return share_position(cast.caregiver, shared=shared)

    return press


def test_of_positions_sent_at_once_the_newest_stays(cast: Cast) -> None:
    assigned(cast)
    with clock.moved_to(tomorrow(8)):
        sharing(cast, shared=True)()
        now = clock.now()
        for _ in range(4):
            Position.objects.update(
                longitude=None, latitude=None, accuracy=None, at=None, received_at=None
            )
            sent = [telling(cast, now - timedelta(minutes=m), 106.0 + m / 100) for m in (3, 0, 5)]
            assert failures(together(*sent)) == []
            row = Position.objects.get()
            assert (row.at, row.longitude) == (now, 106.0)


def test_one_position_sent_twice_at_once_is_heard_once(cast: Cast) -> None:
    assigned(cast)
    with clock.moved_to(tomorrow(8)):
        sharing(cast, shared=True)()
        outcomes = together(*[telling(cast, clock.now(), 106.0)] * 3)
    assert sorted(map(bool, outcomes)) == [False, False, True]


def test_switching_on_twice_at_once_is_one_row(cast: Cast) -> None:
    assert failures(together(*[sharing(cast, shared=True)] * 3)) == []
    assert Position.objects.get().shared


def test_switching_off_while_a_position_comes_leaves_none(cast: Cast) -> None:
    assigned(cast)
    with clock.moved_to(tomorrow(8)):
        for _ in range(4):
            sharing(cast, shared=True)()
            outcomes = together(
                telling(cast, clock.now(), 106.0),
                sharing(cast, shared=False),
            )
            assert all(isinstance(error, NotShared) for error in failures(outcomes))
            row = Position.objects.get()
            assert (row.shared, row.longitude, row.at) == (False, None, None)
