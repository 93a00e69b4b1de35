"""Orders that take an elder somewhere."""

import pytest
from django.db import IntegrityError, transaction

from songbai.core import clock
from songbai.domain.orders.errors import DestinationMissing
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import ends_away, get
from tests.acts import placed
from tests.cast import Cast, acting
from tests.escorts import ONE_WAY, THERE_AND_BACK, at, escort, hospital, ordered


@pytest.mark.parametrize(("item", "returns"), [(ONE_WAY, False), (THERE_AND_BACK, True)])
def test_the_destination_stays_with_the_order(cast: Cast, item: str, returns: bool) -> None:
    there = hospital()
    order = ordered(cast, there, item)
    with acting(cast.daughter):
        found = get(cast.daughter, order.pk)
    assert (found.destination, found.returns) == (there, returns)
    assert ends_away(found) == (None if returns else at(there))


def test_an_item_that_goes_out_asks_where_to(cast: Cast) -> None:
    offer = escort(cast)
    with pytest.raises(DestinationMissing, match="请选要去的医院") as caught:
        placed(cast, offer_ids=[offer.pk])
    assert caught.value.field == "destination"
    assert not Order.objects.exists()


def test_a_place_that_is_none_or_closed_is_refused_at_its_field(cast: Cast) -> None:
    offer, closed = escort(cast), hospital(closed_on=clock.today())
    for number in (closed.pk, 999_999):
        with pytest.raises(DestinationMissing, match="请从列表里重新选"):
            placed(cast, offer_ids=[offer.pk], destination=number)
    assert not Order.objects.exists()


def test_a_service_at_home_goes_nowhere(cast: Cast) -> None:
    order = placed(cast, destination=hospital().pk)
    assert (order.destination, order.returns) == (None, True)
    assert ends_away(order) is None


def test_with_several_items_the_visit_ends_where_one_stays_out(cast: Cast) -> None:
    order = placed(cast, offer_ids=[cast.cleaning.pk, escort(cast).pk], destination=hospital().pk)
    assert not order.returns


def test_no_order_ends_at_a_place_it_does_not_name(cast: Cast) -> None:
    order = placed(cast)
    with (
        pytest.raises(IntegrityError, match="order_ends_at_home_or_a_destination"),
        transaction.atomic(),
    ):
        Order.objects.filter(pk=order.pk).update(returns=False)
