"""What can be had, where, from whom, at what price."""

import pytest

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.errors import NotFound
from songbai.domain.catalogue import queries
from songbai.domain.catalogue.actions import make_offer
from songbai.domain.catalogue.models import ServiceItem
from songbai.domain.catalogue.queries import NotOffered
from songbai.domain.providers.models import Provider
from tests.cast import Cast

TOWN, OTHER_TOWN, ELSEWHERE = "500151001001", "500151105201", "500152001001"


@pytest.mark.parametrize("region", [TOWN, OTHER_TOWN])
def test_an_offer_serves_its_area(cast: Cast, region: str) -> None:
    assert queries.orderable(cast.bath.pk, region) == cast.bath


@pytest.mark.parametrize(("offer", "region"), [("bath", ELSEWHERE), ("cleaning", OTHER_TOWN)])
def test_an_offer_serves_nobody_outside_its_area(cast: Cast, offer: str, region: str) -> None:
    with pytest.raises(NotOffered):
        queries.orderable(getattr(cast, offer).pk, region)


def test_an_unknown_offer_is_not_found(cast: Cast) -> None:
    with pytest.raises(NotFound, match="没有找到这项服务"):
        queries.orderable(0, TOWN)
    with pytest.raises(NotFound):
        queries.offer(0)


def test_an_ended_offer_can_be_read_but_not_ordered(cast: Cast) -> None:
    make_offer(SYSTEM, cast.provider, cast.bath.item, 25_000, ["500151"])
    assert queries.offer(cast.bath.pk).price == 22_500
    with pytest.raises(NotOffered):
        queries.orderable(cast.bath.pk, TOWN)


def test_a_provider_that_left_offers_nothing(cast: Cast) -> None:
    Provider.objects.filter(pk=cast.provider.pk).update(exited_on=clock.today())
    with pytest.raises(NotOffered):
        queries.orderable(cast.bath.pk, TOWN)
    assert not queries.offers().exists()
    assert not queries.home_offers("A05-01", TOWN).exists()
    assert not queries.home_items(TOWN).exists()


def test_a_service_in_a_facility_is_not_ordered_home(cast: Cast) -> None:
    item = ServiceItem.objects.filter(at_home=False).order_by("code").first()
    assert item is not None
    offer = make_offer(SYSTEM, cast.provider, item, 1_000, ["500151"])
    with pytest.raises(NotOffered):
        queries.orderable(offer.pk, TOWN)
    with pytest.raises(NotFound):
        queries.home_item(item.pk)


def test_items_show_the_lowest_price(cast: Cast) -> None:
    make_offer(SYSTEM, cast.other_provider, cast.bath.item, 19_900, [OTHER_TOWN])
    prices = {item.pk: vars(item)["price_from"] for item in queries.items()}
    assert prices == {"A05-01": 19_900, "A01-02": 6_000}


def test_the_lowest_price_at_home_is_one_that_serves_there(cast: Cast) -> None:
    make_offer(SYSTEM, cast.other_provider, cast.bath.item, 19_900, [OTHER_TOWN])
    here = {item.pk: vars(item)["price_from"] for item in queries.home_items(TOWN)}
    there = {item.pk: vars(item)["price_from"] for item in queries.home_items(OTHER_TOWN)}
    assert here == {"A05-01": 22_500, "A01-02": 6_000}
    assert there == {"A05-01": 19_900}


def test_offers_of_an_item_come_cheapest_first(cast: Cast) -> None:
    cheaper = make_offer(SYSTEM, cast.other_provider, cast.bath.item, 19_900, ["500151"])
    assert list(queries.home_offers("A05-01", TOWN)) == [cheaper, cast.bath]


@pytest.mark.parametrize(("words", "found"), [("助浴", 1), ("青松", 2), ("没有这样的", 0), ("", 2)])
def test_offers_are_found_by_item_or_provider(cast: Cast, words: str, found: int) -> None:
    assert queries.offers(words).count() == found


def test_offers_are_cut_by_kind_and_town(cast: Cast) -> None:
    assert queries.offers(kind="生活照护").count() == 2
    assert queries.offers(kind="康复服务").count() == 0
    assert queries.offers(town="500152001000").count() == 0


def test_a_provider_lists_its_own(cast: Cast) -> None:
    assert [o.item_id for o in queries.offers_of(cast.provider.pk)] == ["A01-02", "A05-01"]
    assert not queries.offers_of(cast.other_provider.pk).exists()
