"""Publishing the catalogue, and offers at a price."""

import pytest
from django.db import IntegrityError, transaction

from songbai.core.accounts.rules import SYSTEM
from songbai.core.errors import NotAllowed
from songbai.domain.catalogue.actions import make_offer, publish_catalogue
from songbai.domain.catalogue.models import Offer, ServiceItem
from songbai.domain.catalogue.rules import load
from tests.cast import Cast


def test_publishing_again_brings_items_up_to_date(cast: Cast) -> None:
    ServiceItem.objects.filter(pk="A05-01").update(name="旧名", minutes=1)
    assert publish_catalogue(SYSTEM) == len(load().items) == ServiceItem.objects.count()
    item = ServiceItem.objects.get(pk="A05-01")
    written = next(found for found in load().items if found.code == "A05-01")
    assert (item.name, item.minutes) == (written.name, written.minutes)
    assert item.steps[0]["code"] == written.steps[0].code


def test_a_new_price_is_a_new_offer(cast: Cast) -> None:
    dearer = make_offer(SYSTEM, cast.provider, cast.bath.item, 25_000, ["500151"])
    cast.bath.refresh_from_db()
    assert (cast.bath.active, cast.bath.price) == (False, 22_500)
    assert Offer.objects.get(provider=cast.provider, item=cast.bath.item, active=True) == dearer


def test_two_prices_at_once_are_impossible(cast: Cast) -> None:
    with pytest.raises(IntegrityError, match="one_active_offer_per_item"), transaction.atomic():
        Offer.objects.create(provider=cast.provider, item=cast.bath.item, price=1, areas=[])


def test_a_price_below_zero_is_impossible(cast: Cast) -> None:
    with pytest.raises(IntegrityError, match="offer_price_not_negative"), transaction.atomic():
        Offer.objects.filter(pk=cast.bath.pk).update(price=-1)


def test_an_item_that_stays_at_home_cannot_end_elsewhere(cast: Cast) -> None:
    with (
        pytest.raises(IntegrityError, match="item_stays_out_only_when_it_goes_out"),
        transaction.atomic(),
    ):
        ServiceItem.objects.filter(pk="A05-01").update(returns=False)


def test_people_do_not_write_the_catalogue(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        publish_catalogue(cast.officer)
    with pytest.raises(NotAllowed):
        make_offer(cast.provider_staff, cast.provider, cast.bath.item, 1, ["500151"])
