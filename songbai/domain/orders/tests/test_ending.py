"""Cancelling, confirming, undoing, settling: each moves the money as it should, once."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.errors import NotAllowed, NotFound, Refused, SongbaiError
from songbai.core.events.queries import history
from songbai.core.ledger.queries import total
from songbai.domain.catalogue.models import Offer
from songbai.domain.elders.models import Proxy
from songbai.domain.orders import actions
from songbai.domain.orders.actions import cancel, confirm, place, settle_month, undo_confirmation
from songbai.domain.orders.errors import TooLate
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import AUTO_CONFIRM, UNDO, OrderState
from songbai.domain.orders.tasks import confirm_due
from tests.acts import afterwards_nothing, placed, wanted
from tests.cast import Cast, acting

from . import story
from .story import AFTER_UNDO, EARNED, HELD, PAID, START, bath, books

pytestmark = pytest.mark.long

OUTSIDERS = ["stranger_family", "caregiver", "other_provider_staff", "far_dispatcher"]


def test_cancelling_gives_everything_back(cast: Cast) -> None:
    order = bath(cast)
    with acting(cast.daughter):
        assert cancel(cast.daughter, order.pk, " 临时有事 ").state == OrderState.CANCELLED
    assert books(cast) == START
    assert Order.objects.get().cancel_reason == "临时有事"


def test_cancelling_twice_is_too_late(cast: Cast) -> None:
    order = bath(cast)
    cancel(cast.daughter, order.pk)
    with pytest.raises(TooLate):
        cancel(cast.daughter, order.pk)
    assert books(cast) == START


def test_what_was_cancelled_can_be_ordered_again(cast: Cast) -> None:
    cancel(cast.daughter, bath(cast).pk)
    bath(cast)
    assert books(cast) == HELD


def test_the_dispatcher_may_cancel_while_somebody_is_on_the_way(cast: Cast) -> None:
    order = bath(cast)
    actions.mark_assigned(order)
    with acting(cast.dispatcher):
        cancel(cast.dispatcher, order.pk, "家属来电取消")
    assert books(cast) == START


def test_what_has_begun_is_not_cancelled(cast: Cast) -> None:
    order = bath(cast)
    actions.mark_assigned(order)
    actions.mark_in_service(SYSTEM, order)
    with pytest.raises(TooLate):
        cancel(cast.daughter, order.pk)
    assert books(cast) == HELD


@pytest.mark.parametrize("name", OUTSIDERS)
def test_for_outsiders_there_is_no_such_order(cast: Cast, name: str) -> None:
    order = bath(cast)
    actor = getattr(cast, name)
    acts: list[Callable[..., Order]] = [cancel, confirm, undo_confirmation]
    for act in acts:
        with acting(actor), pytest.raises(NotFound):
            act(actor, order.pk)


def test_an_order_that_never_was_is_not_found(cast: Cast) -> None:
    with acting(cast.daughter), pytest.raises(NotFound):
        cancel(cast.daughter, 0)


@pytest.mark.parametrize("act", [cancel, confirm, undo_confirmation])
def test_who_may_only_look_is_told_so(cast: Cast, act: Callable[..., Order]) -> None:
    order = bath(cast)
    Proxy.objects.filter(elder=cast.mother).update(may_order=False)
    with acting(cast.daughter), pytest.raises(NotAllowed):
        act(cast.daughter, order.pk)


def test_the_desk_does_not_confirm_for_the_family(cast: Cast) -> None:
    order = story.given(bath(cast))
    with acting(cast.dispatcher), pytest.raises(NotFound):
        confirm(cast.dispatcher, order.pk)


def test_confirming_turns_what_is_held_into_what_is_earned(cast: Cast) -> None:
    order = story.given(bath(cast))
    with acting(cast.daughter):
        done = confirm(cast.daughter, order.pk, stars=4, comment=" 很细心 ")
    assert (done.state, done.stars, done.comment) == (OrderState.DONE, 4, "很细心")
    assert books(cast) == EARNED


def test_confirming_without_stars_is_allowed(cast: Cast) -> None:
    assert story.earned(bath(cast)).stars is None


@pytest.mark.parametrize("stars", [0, 6, -1])
def test_stars_are_one_to_five(cast: Cast, stars: int) -> None:
    order = story.given(bath(cast))
    with pytest.raises(Refused, match="一到五颗星"):
        confirm(cast.daughter, order.pk, stars=stars)
    assert books(cast) == HELD


def test_what_was_not_given_is_not_confirmed(cast: Cast) -> None:
    with pytest.raises(TooLate):
        confirm(cast.daughter, bath(cast).pk)


def test_confirming_twice_earns_once(cast: Cast) -> None:
    order = story.earned(bath(cast))
    with pytest.raises(TooLate):
        confirm(cast.daughter, order.pk)
    assert books(cast) == EARNED


def test_undoing_within_ten_minutes_holds_the_money_again(cast: Cast) -> None:
    order = story.given(bath(cast))
    confirm(cast.daughter, order.pk, stars=1, comment="按错了")
    with acting(cast.daughter):
        undone = undo_confirmation(cast.daughter, order.pk)
    assert (undone.state, undone.stars, undone.comment) == (OrderState.TO_CONFIRM, None, "")
    assert books(cast) == HELD


def test_after_ten_minutes_nothing_is_undone(cast: Cast) -> None:
    order = story.earned(bath(cast))
    assert order.confirmed_at is not None
    late = order.confirmed_at + UNDO + timedelta(seconds=1)
    with clock.moved_to(late), pytest.raises(TooLate, match="10 分钟"):
        undo_confirmation(cast.daughter, order.pk)
    assert books(cast) == EARNED


def test_confirm_undo_confirm_keeps_the_books_right(cast: Cast) -> None:
    order = story.given(bath(cast))
    for _ in range(3):
        confirm(cast.daughter, order.pk)
        assert books(cast) == EARNED
        undo_confirmation(cast.daughter, order.pk)
        assert books(cast) == HELD
    confirm(cast.daughter, order.pk, stars=5)
    assert books(cast) == EARNED
    assert total() == 0


def settle(cast: Cast, name: str = "officer") -> int:
    """Settle after the time for undoing."""
    order, actor = Order.objects.earliest("id"), getattr(cast, name)
    with clock.moved_to(clock.now() + AFTER_UNDO), acting(actor):
        return settle_month(actor, cast.provider.pk, order.month)


def test_settling_pays_what_was_earned(cast: Cast) -> None:
    story.earned(bath(cast))
    assert settle(cast) == 1
    assert books(cast) == PAID
    assert Order.objects.get().state == OrderState.SETTLED


def test_settling_twice_pays_once(cast: Cast) -> None:
    story.earned(bath(cast))
    assert [settle(cast), settle(cast)] == [1, 0]
    assert books(cast) == PAID


def test_what_can_still_be_undone_is_not_settled(cast: Cast) -> None:
    order = story.earned(bath(cast))
    assert settle_month(cast.officer, cast.provider.pk, order.month) == 0
    assert books(cast) == EARNED


def test_what_was_settled_is_not_undone(cast: Cast) -> None:
    order = story.earned(bath(cast))
    settle(cast)
    with pytest.raises(TooLate):
        undo_confirmation(cast.daughter, order.pk)


def test_an_officer_of_another_place_settles_nothing(cast: Cast) -> None:
    story.earned(bath(cast))
    assert settle(cast, "far_officer") == 0
    assert books(cast) == EARNED


@pytest.mark.parametrize("name", ["town_officer", "provider_staff", "dispatcher", "daughter"])
def test_only_officers_of_districts_settle(cast: Cast, name: str) -> None:
    story.earned(bath(cast))
    with pytest.raises(NotAllowed):
        settle(cast, name)


def test_another_month_and_another_provider_are_left_alone(cast: Cast) -> None:
    order = story.earned(bath(cast))
    with clock.moved_to(clock.now() + AFTER_UNDO):
        assert settle_month(cast.officer, cast.other_provider.pk, order.month) == 0
        assert settle_month(cast.officer, cast.provider.pk, "2020-01") == 0


def test_settling_is_told_once_for_all_orders(cast: Cast) -> None:
    for _ in range(2):
        story.earned(placed(cast, offer_ids=[cast.cleaning.pk]))
    assert settle(cast) == 2
    [event] = history("provider", cast.provider.pk)
    assert event.payload["orders"] == 2


def test_an_order_keeps_its_history(cast: Cast) -> None:
    order = story.earned(bath(cast))
    undo_confirmation(cast.daughter, order.pk)
    kinds = [event.kind.removeprefix("order.") for event in history("order", order.pk)]
    assert kinds == ["placed", "begun", "served", "confirmed", "confirmation_undone"]


def test_after_a_day_the_program_confirms(cast: Cast) -> None:
    waiting, other = bath(cast), placed(cast, offer_ids=[cast.cleaning.pk])
    story.given(waiting)
    with clock.moved_to(clock.now() + AUTO_CONFIRM - timedelta(minutes=1)):
        confirm_due(timestamp=0)
    waiting.refresh_from_db()
    assert waiting.state == OrderState.TO_CONFIRM
    with clock.moved_to(clock.now() + AUTO_CONFIRM):
        confirm_due(timestamp=0)
    waiting.refresh_from_db()
    other.refresh_from_db()
    assert (waiting.state, waiting.stars) == (OrderState.DONE, None)
    assert other.state == OrderState.ACCEPTED
    assert [event.actor_name for event in history("order", waiting.pk)][-1] == "系统"


def test_an_order_confirmed_meanwhile_does_not_stop_the_others(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = [story.given(placed(cast, offer_ids=[cast.cleaning.pk])) for _ in range(2)]
    really = actions.confirm

    def overtaken(actor: object, order_id: int) -> None:
        if order_id == both[0].pk:
            raise TooLate
        really(SYSTEM, order_id)

    monkeypatch.setattr(actions, "confirm", overtaken)
    with clock.moved_to(clock.now() + AUTO_CONFIRM):
        confirm_due(timestamp=0)
    assert Order.objects.get(state=OrderState.DONE) == both[1]


ACTS = st.lists(
    st.sampled_from(["cancel", "give", "confirm", "undo", "settle"]), min_size=1, max_size=8
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_whatever_people_press_the_books_agree_with_the_state(cast: Cast, acts: list[str]) -> None:
    with afterwards_nothing():
        order = bath(cast)
        for act in acts:
            with suppress(SongbaiError):
                press(cast, Order.objects.get(pk=order.pk), act)
        state = Order.objects.get(pk=order.pk).state
        agrees = {"cancelled": START, "done": EARNED, "settled": PAID}
        assert books(cast) == agrees.get(state, HELD)
        assert total() == 0


def press(cast: Cast, order: Order, act: str) -> None:
    """One act, possible or not."""
    if act == "give" and order.state == OrderState.ACCEPTED:
        story.given(order)
    elif act == "settle":
        settle(cast)
    elif act in {"cancel", "confirm", "undo"}:
        acts: dict[str, Callable[..., Order]] = {
            "cancel": cancel,
            "confirm": confirm,
            "undo": undo_confirmation,
        }
        acts[act](cast.daughter, order.pk)


def test_an_officer_settles_the_own_district_only(cast: Cast) -> None:
    Offer.objects.update(areas=["50"])
    theirs = place(SYSTEM, wanted(cast, elder=cast.far_elder))
    story.earned(theirs)
    mine = story.earned(bath(cast))
    assert settle(cast, "far_officer") == 1
    states = {order.pk: order.state for order in Order.objects.all()}
    assert states == {theirs.pk: OrderState.SETTLED, mine.pk: OrderState.DONE}
