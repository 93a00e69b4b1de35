"""Placing an order: what it writes, and everything that may be wrong with it."""

import uuid
from datetime import timedelta

import pytest

from songbai.core import clock
from songbai.core.accounts.models import Access
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.errors import NotAllowed, NotFound, Refused
from songbai.core.events.models import Event
from songbai.core.ledger.queries import total
from songbai.domain.catalogue.actions import make_offer
from songbai.domain.catalogue.models import ServiceItem
from songbai.domain.catalogue.queries import NotOffered
from songbai.domain.elders.models import Elder, Proxy
from songbai.domain.orders.actions import place
from songbai.domain.orders.errors import BadWindow, FormUsed, PriceChanged
from songbai.domain.orders.models import Order, OrderLine, PayerShare
from songbai.domain.orders.rules import OrderState, WindowProblem
from tests.acts import OWN_PART, placed, wanted
from tests.cast import Cast, acting, tomorrow

from .story import HELD, bath, books


def refuse(cast: Cast, error: type[Exception], actor: Actor | None = None, **new: object) -> str:
    """The order is refused with this error, and nothing at all was written."""
    actor, before = actor or cast.daughter, books(cast)
    with acting(actor), pytest.raises(error) as caught:
        place(actor, wanted(cast, **new))
    assert not Order.objects.exists()
    assert books(cast) == before
    return str(caught.value)


def test_an_order_says_what_when_and_who_pays(cast: Cast) -> None:
    order = Order.objects.get(pk=bath(cast).pk)
    assert (order.state, order.total, order.channel) == (OrderState.ACCEPTED, 22_500, "family")
    assert order.placed_by_id == cast.daughter.account_id
    assert order.month == clock.month_of(order.window_start)
    assert order.number == f"{clock.today():%y%m%d}{order.pk:06d}"
    assert [(s.payer, s.amount) for s in order.shares.order_by("id")] == [
        ("credit", 20_000),
        ("own", OWN_PART),
    ]


def test_each_share_is_held_for_the_provider(cast: Cast) -> None:
    bath(cast)
    assert books(cast) == HELD
    assert total() == 0


def test_several_services_are_one_order(cast: Cast) -> None:
    order = placed(cast, offer_ids=[cast.bath.pk, cast.cleaning.pk])
    lines = OrderLine.objects.filter(order=order)
    assert order.total == sum(line.price for line in lines) == 28_500
    assert order.minutes == sum(line.minutes for line in lines)
    assert order.skills == sorted({*cast.bath.item.skills, *cast.cleaning.item.skills})


def test_an_order_within_the_credit_asks_nobody_for_money(cast: Cast) -> None:
    order = placed(cast, offer_ids=[cast.cleaning.pk])
    assert [share.payer for share in PayerShare.objects.filter(order=order)] == ["credit"]


def test_a_free_service_has_no_payers(cast: Cast) -> None:
    free = make_offer(SYSTEM, cast.provider, cast.cleaning.item, 0, ["500151"])
    assert placed(cast, offer_ids=[free.pk]).shares.count() == 0


def test_the_credit_is_that_of_the_month_of_the_visit(cast: Cast) -> None:
    later = tomorrow(9) + timedelta(days=40)
    order = placed(cast, window_start=later, window_end=later + timedelta(hours=2))
    assert order.month == clock.month_of(later)
    assert [share.payer for share in order.shares.all()] == ["own"]


def test_the_provider_may_now_see_the_elder(cast: Cast) -> None:
    order = bath(cast)
    key = Access.objects.get(organisation_id=cast.provider.pk)
    assert key.person_id == cast.mother.pk
    assert key.valid_until - order.window_end == timedelta(days=90)


def test_placing_is_told(cast: Cast) -> None:
    order = bath(cast)
    event = Event.objects.get(kind="order.placed")
    assert (event.subject_id, event.person_id) == (order.pk, cast.mother.pk)
    assert event.actor_name == "王敏"


def test_the_hotline_places_for_an_elder_of_its_area(cast: Cast) -> None:
    with acting(cast.dispatcher):
        order = place(cast.dispatcher, wanted(cast, elder=cast.neighbour, note=" 急 "))
    assert (order.channel, order.note) == ("hotline", "急")


@pytest.mark.parametrize(
    ("start", "end", "problem"),
    [
        (-1, 1, WindowProblem.PAST),
        (26, 25, WindowProblem.BACKWARDS),
        (24, 24.2, WindowProblem.NARROW),
        (61 * 24, 61 * 24 + 2, WindowProblem.FAR),
    ],
)
def test_a_bad_window_is_refused_in_words(
    cast: Cast, start: float, end: float, problem: WindowProblem
) -> None:
    noon = clock.at(clock.today(), 12)
    first, last = (noon + timedelta(hours=hours) for hours in (start, end))
    with clock.moved_to(noon):
        said = refuse(cast, BadWindow, window_start=first, window_end=last)
    assert said == problem.value


def test_an_unknown_offer_is_not_found(cast: Cast) -> None:
    refuse(cast, NotFound, offer_ids=[0])


def test_nothing_ordered_is_no_order(cast: Cast) -> None:
    refuse(cast, NotOffered, offer_ids=[])


def test_a_service_not_given_here_is_refused(cast: Cast) -> None:
    elsewhere = make_offer(SYSTEM, cast.provider, cast.cleaning.item, 1, ["500152"])
    assert "服务不到" in refuse(cast, NotOffered, offer_ids=[elsewhere.pk])


def test_an_ended_offer_is_refused(cast: Cast) -> None:
    old = cast.bath.pk
    make_offer(SYSTEM, cast.provider, cast.bath.item, 25_000, ["500151"])
    refuse(cast, NotOffered, offer_ids=[old])


def test_two_providers_are_two_orders(cast: Cast) -> None:
    item = ServiceItem.objects.get(pk="A01-02")
    other = make_offer(SYSTEM, cast.other_provider, item, 5_000, ["500151"])
    assert "一家" in refuse(cast, NotOffered, offer_ids=[cast.bath.pk, other.pk])


def test_who_saw_another_price_is_asked_to_look_again(cast: Cast) -> None:
    refuse(cast, PriceChanged, expected_own=0)
    assert placed(cast, expected_own=OWN_PART).total == 22_500


def test_nothing_is_ordered_for_the_dead(cast: Cast) -> None:
    Elder.objects.filter(pk=cast.mother.pk).update(died_on=clock.today())
    elder = Elder.objects.get(pk=cast.mother.pk)
    assert "去世" in refuse(cast, Refused, elder=elder)


def test_nothing_is_ordered_on_a_record_merged_into_another(cast: Cast) -> None:
    elder = Elder.objects.get(pk=cast.mother.pk)
    elder.merged_into_id = cast.neighbour.pk
    assert "合成一条" in refuse(cast, Refused, elder=elder)


@pytest.mark.parametrize(
    "name", ["stranger_family", "caregiver", "provider_staff", "officer", "far_dispatcher"]
)
def test_who_has_no_right_orders_nothing(cast: Cast, name: str) -> None:
    refuse(cast, NotAllowed, getattr(cast, name))


def test_an_ended_binding_orders_nothing(cast: Cast) -> None:
    with clock.moved_to(clock.now() + timedelta(days=366)):
        refuse(cast, NotAllowed, window_start=tomorrow(9), window_end=tomorrow(11))


def test_a_key_without_a_binding_orders_nothing(cast: Cast) -> None:
    Proxy.objects.filter(elder=cast.mother).update(valid_until=clock.now())
    assert "授权" in refuse(cast, NotAllowed)


def test_a_binding_without_the_right_to_order_orders_nothing(cast: Cast) -> None:
    Proxy.objects.filter(elder=cast.mother).update(may_order=False)
    refuse(cast, NotAllowed)


def test_a_second_tap_returns_the_first_order(cast: Cast) -> None:
    key = uuid.uuid4()
    first, second = placed(cast, key=key), placed(cast, key=key)
    assert first.pk == second.pk
    assert books(cast) == HELD
    assert Event.objects.filter(kind="order.placed").count() == 1


def test_a_second_tap_is_answered_even_when_the_time_has_passed(cast: Cast) -> None:
    key = uuid.uuid4()
    first = placed(cast, key=key)
    with clock.moved_to(first.window_end):
        window = {"window_start": first.window_start, "window_end": first.window_end}
        assert placed(cast, key=key, **window).pk == first.pk


def test_two_forms_are_two_orders(cast: Cast) -> None:
    assert bath(cast).pk != bath(cast).pk
    assert Order.objects.count() == 2


def test_a_form_used_for_one_elder_orders_nothing_for_another(cast: Cast) -> None:
    key = uuid.uuid4()
    placed(cast, key=key)
    with acting(cast.dispatcher), pytest.raises(FormUsed):
        place(cast.dispatcher, wanted(cast, key=key, elder=cast.neighbour))
    assert Order.objects.count() == 1
