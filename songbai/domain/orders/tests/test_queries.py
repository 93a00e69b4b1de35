"""Whose orders one sees, and what a provider's month looks like."""

from datetime import timedelta

import pytest

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.errors import NotAllowed, NotFound
from songbai.domain.orders import queries
from songbai.domain.orders.actions import cancel, settle_month
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OWN
from tests.acts import placed
from tests.cast import Cast, acting, tomorrow

from . import story
from .story import AFTER_UNDO, bath

SEES = ["daughter", "dispatcher", "officer", "provider_staff"]
SEES_NOT = ["stranger_family", "far_dispatcher", "far_officer", "town_officer"]


@pytest.mark.parametrize("name", SEES)
def test_those_whom_it_concerns_see_the_order(cast: Cast, name: str) -> None:
    order, actor = bath(cast), getattr(cast, name)
    with acting(actor):
        assert queries.get(actor, order.pk) == order


@pytest.mark.parametrize("name", [*SEES_NOT, "other_provider_staff"])
def test_for_everybody_else_it_does_not_exist(cast: Cast, name: str) -> None:
    order, actor = bath(cast), getattr(cast, name)
    with acting(actor):
        with pytest.raises(NotFound):
            queries.get(actor, order.pk)
        assert not Order.objects.exists()


def test_a_caregiver_reads_visits_not_orders(cast: Cast) -> None:
    order = bath(cast)
    with pytest.raises(NotAllowed):
        queries.get(cast.caregiver, order.pk)
    assert not queries.visible(cast.caregiver).exists()


def test_the_program_sees_all(cast: Cast) -> None:
    bath(cast)
    assert queries.visible(SYSTEM).count() == 1


def test_what_waits_for_the_family_comes_first(cast: Cast) -> None:
    gone = placed(cast, offer_ids=[cast.cleaning.pk])
    cancel(cast.daughter, gone.pk)
    coming = placed(cast, offer_ids=[cast.cleaning.pk])
    waiting = story.given(placed(cast, offer_ids=[cast.cleaning.pk]))
    with acting(cast.daughter):
        found = queries.of_elder(cast.daughter, cast.mother)
        assert list(found) == [waiting, coming, gone]


def test_the_coming_order_is_the_one_under_way_or_the_next(cast: Cast) -> None:
    window = {"window_start": tomorrow(13), "window_end": tomorrow(15)}
    later = placed(cast, offer_ids=[cast.cleaning.pk], **window)
    sooner = placed(cast, offer_ids=[cast.cleaning.pk])
    assert queries.coming(cast.daughter, cast.mother) == sooner
    Order.objects.filter(pk=later.pk).update(state="assigned")
    Order.objects.filter(pk=later.pk).update(state="in_service")
    assert queries.coming(cast.daughter, cast.mother) == later
    with clock.moved_to(clock.now() + timedelta(days=3)):
        assert queries.coming(cast.daughter, cast.mother) == later


def test_a_quote_is_what_will_be_held(cast: Cast) -> None:
    month = clock.month_of(tomorrow(9))
    with acting(cast.daughter):
        split = queries.quote(cast.mother, [(cast.bath.item_id, 22_500)], month)
    order = placed(cast, expected_own=split.own)
    assert list(split.shares) == queries.shares_of(order)


def settle_all(cast: Cast, month: str) -> None:
    with clock.moved_to(clock.now() + AFTER_UNDO):
        settle_month(cast.officer, cast.provider.pk, month)


def statement(cast: Cast, month: str, name: str = "provider_staff") -> queries.Statement:
    actor: Actor = getattr(cast, name)
    with acting(actor):
        return queries.statement(actor, cast.provider.pk, month)


def test_a_month_by_payer_agrees_with_the_books(cast: Cast) -> None:
    month = story.earned(bath(cast)).month
    story.given(placed(cast, offer_ids=[cast.cleaning.pk]))
    for name in ("provider_staff", "officer"):
        found = statement(cast, month, name)
        assert [(x.payer.code, x.orders, x.amount, x.settled) for x in found.lines] == [
            ("credit", 1, 20_000, 0),
            ("voucher", 0, 0, 0),
            ("own", 1, 2_500, 0),
        ]
        assert found.agrees


def test_what_was_paid_is_settled(cast: Cast) -> None:
    month = story.earned(bath(cast)).month
    settle_all(cast, month)
    story.earned(placed(cast, offer_ids=[cast.cleaning.pk]))
    found = statement(cast, month)
    assert (found.total, found.settled, found.agrees) == (28_500, 22_500, True)


def test_an_empty_month_is_all_zeros(cast: Cast) -> None:
    found = statement(cast, "2020-01")
    assert (found.total, found.settled, found.agrees) == (0, 0, True)


def test_a_share_that_is_not_in_the_books_shows(cast: Cast) -> None:
    order = story.earned(bath(cast))
    order.shares.filter(payer=OWN).update(amount=9_999)
    assert not statement(cast, order.month).agrees


def test_another_provider_has_no_look_at_it(cast: Cast) -> None:
    month = story.earned(bath(cast)).month
    with pytest.raises(NotFound):
        statement(cast, month, "other_provider_staff")
    with pytest.raises(NotAllowed):
        statement(cast, month, "daughter")


def test_an_officer_elsewhere_sees_an_empty_month(cast: Cast) -> None:
    month = story.earned(bath(cast)).month
    assert statement(cast, month, "far_officer").total == 0
