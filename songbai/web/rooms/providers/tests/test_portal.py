"""The portal is open to everyone and shows no person."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from songbai.core.accounts.rules import SYSTEM
from songbai.domain.catalogue.actions import make_offer
from songbai.domain.catalogue.models import ServiceItem
from songbai.domain.providers.models import Facility
from songbai.domain.providers.rules import FacilityKind
from tests.cast import Cast, place

SECRETS = ("王桂英", "李松福", "幸福路 8 号", "500190")


def page(client: Client, name: str, *args: object, **query: str) -> str:
    reply = client.get(reverse(name, args=args), query)
    assert reply.status_code == 200
    body = reply.content.decode()
    assert not [secret for secret in SECRETS if secret in body]
    return body


def test_the_front_page_counts_what_is_registered(client: Client, cast: Cast) -> None:
    body = page(client, "portal:home")
    assert "家里有老人" in body
    assert "180 张床位" in body
    assert "青松颐养中心" in body


def test_a_word_finds_the_service_and_who_gives_it(client: Client, cast: Cast) -> None:
    body = page(client, "portal:search", q="洗澡")
    assert "青松" in body
    assert "225" in body


@pytest.mark.parametrize("kind", ["home", "institution"])
def test_a_kind_restricts_the_list(client: Client, cast: Cast, kind: str) -> None:
    body = page(client, "portal:search", kind=kind)
    assert ("空床" in body) == (kind == "institution")


def test_distance_is_measured_from_the_town(client: Client, cast: Cast) -> None:
    body = page(client, "portal:search", town="500151001000", km="5")
    assert "按离巴川街道的远近排列" in body


@pytest.mark.parametrize("word", ["高龄津贴", "低保", "长护险", "失能", "补助", "钱"])
def test_a_word_for_money_leads_to_the_benefits(client: Client, cast: Cast, word: str) -> None:
    body = page(client, "portal:search", q=word)
    found = body[body.index('id="results"') :]
    assert reverse("portal:self_check") in found
    assert "想问能领什么钱" in found
    assert "没有找到" not in found
    assert "想问能领什么钱" not in page(client, "portal:search", q="洗澡")


def test_one_character_finds_what_its_words_find(client: Client, cast: Cast) -> None:
    total = {q: client.get(reverse("portal:search"), {"q": q}).context["total"] for q in "洗饭药"}
    for alone, word in (("洗", "洗澡"), ("饭", "吃饭"), ("药", "吃药")):
        reply = client.get(reverse("portal:search"), {"q": word})
        assert total[alone] >= reply.context["total"]


def test_nothing_found_offers_a_way_out(client: Client, cast: Cast) -> None:
    assert "清空条件" in page(client, "portal:search", q="潜水艇")


@pytest.mark.parametrize(
    ("field", "value"),
    [("town", "999"), ("town", "500151001000'--"), ("km", "-1"), ("kind", "x"), ("page", "0")],
)
def test_garbage_in_the_address_is_ignored(
    client: Client, cast: Cast, field: str, value: str
) -> None:
    assert "青松颐养中心" in page(client, "portal:search", **{field: value})


def test_htmx_gets_the_list_alone(client: Client, cast: Cast) -> None:
    reply = client.get(reverse("portal:search"), headers={"HX-Request": "true"})
    assert b"<html" not in reply.content
    assert "HX-Request" in reply["Vary"]


def test_a_provider_shows_prices_beside_guide_prices(client: Client, cast: Cast) -> None:
    body = page(client, "portal:provider", cast.provider.pk)
    assert "225" in body
    assert "指导价" in body
    assert f"offer={cast.bath.pk}" in body


def test_an_unknown_provider_is_not_found_in_words(client: Client, cast: Cast) -> None:
    reply = client.get(reverse("portal:provider", args=[999_999]))
    assert reply.status_code == 404
    assert "没有找到" in reply.content.decode()


def test_the_code_at_the_door_names_nobody(client: Client, cast: Cast) -> None:
    assert "签到码" in page(client, "portal:door", cast.mother.door_code)


def test_pages_take_few_queries(
    client: Client, cast: Cast, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        page(client, "portal:home")
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        page(client, "portal:search", q="洗澡", town="500151001000")


def numbered(body: str) -> list[str]:
    """The names of a result list, in its order."""
    return re.findall(r'<h3><a href="[^"]*">([^<]+)</a></h3>', body)


@pytest.fixture
def places(cast: Cast) -> dict[str, Facility]:
    """A canteen and a bath point of the provider, and what is had there."""
    for code, fen in (("C01-02", 1_200), ("A05-03", 8_000)):
        item = ServiceItem.objects.get(pk=code)
        make_offer(SYSTEM, cast.provider, item, fen, ["500151"])
    return {
        "canteen": place(cast.provider, FacilityKind.CANTEEN, "幸福老年食堂"),
        "bath": place(cast.provider, FacilityKind.BATH_POINT, "幸福浴室"),
        "station": place(cast.provider, FacilityKind.STATION, "幸福养老服务站"),
    }


def test_a_bath_finds_bath_points_too(client: Client, places: dict[str, Facility]) -> None:
    found = numbered(page(client, "portal:search", q="洗澡"))
    assert "幸福浴室" in found
    assert "幸福老年食堂" not in found
    assert found == numbered(page(client, "portal:search", q="助浴"))


def test_what_lies_nowhere_comes_after_what_is_near(client: Client, cast: Cast) -> None:
    place(cast.other_provider, FacilityKind.BATH_POINT, "幸福浴室")
    Facility.objects.filter(provider=cast.provider).delete()
    body = page(client, "portal:search", q="洗澡", town="500151001000")
    assert numbered(body) == ["幸福浴室", cast.provider.name]
    body = page(client, "portal:search", q="洗澡", town="500151001000", km="20")
    assert numbered(body) == ["幸福浴室"]


@pytest.mark.parametrize(
    ("which", "says", "hides"),
    [
        ("canteen", ("幸福老年食堂", "去食堂吃饭", "12"), "上门洗澡"),
        ("bath", ("幸福浴室", "去洗澡点洗澡", "80"), "去食堂吃饭"),
        ("station", ("幸福养老服务站", "没有单独收费的服务"), "上门洗澡"),
    ],
)
def test_a_place_shows_its_own_name_and_what_is_had_there(
    client: Client, places: dict[str, Facility], which: str, says: tuple[str, ...], hides: str
) -> None:
    spot = places[which]
    body = page(client, "portal:provider", spot.provider_id, place=str(spot.pk))
    assert all(word in body for word in says)
    assert f">{hides}" not in body
    assert f'href="{reverse("portal:provider", args=[spot.provider_id])}"' in body


def test_a_home_costs_the_same_in_the_list_and_on_its_page(client: Client, cast: Cast) -> None:
    home = Facility.objects.get(kind=FacilityKind.INSTITUTION)
    Facility.objects.filter(pk=home.pk).update(month_price=410_000)
    for body in (
        page(client, "portal:search", kind="institution"),
        page(client, "portal:provider", home.provider_id, place=str(home.pk)),
    ):
        assert "<b>4,100</b>" in body
        assert "元起／月" in body


def test_a_provider_names_itself_and_its_places(
    client: Client, cast: Cast, places: dict[str, Facility]
) -> None:
    body = page(client, "portal:provider", cast.provider.pk)
    assert f'<h1 class="sb-h1">{cast.provider.name}</h1>' in body
    assert "幸福老年食堂</a>" in body


def test_the_price_is_of_what_is_looked_for(client: Client, cast: Cast) -> None:
    teaching = ServiceItem.objects.get(plain="教家人照护")
    make_offer(SYSTEM, cast.provider, teaching, 8_500, ["500151"])
    body = page(client, "portal:search", q="洗 澡")
    assert "225" in body
    assert "教家人照护" not in body
    assert "85" in page(client, "portal:search", q="教家人")


@pytest.mark.parametrize("words", ["洗澡 巴川", "巴川洗澡", "洗澡巴川街道"])
def test_a_town_beside_a_word_is_where_it_is_looked_for(
    client: Client, cast: Cast, words: str
) -> None:
    body = page(client, "portal:search", q=words)
    assert "按离巴川街道的远近排列" in body
    assert numbered(body) == numbered(page(client, "portal:search", q="洗澡", town="500151001000"))


@pytest.mark.parametrize("words", ["巴川养老院", "敬老院 巴川", "巴川街道敬老院"])
def test_a_kind_of_place_beside_a_town_is_looked_for_there(
    client: Client, cast: Cast, words: str
) -> None:
    body = page(client, "portal:search", q=words)
    assert "按离巴川街道的远近排列" in body
    homes = page(client, "portal:search", q="养老院", town="500151001000")
    assert numbered(body) == numbered(homes)


@pytest.mark.parametrize("words", ["巴川", "巴川街道"])
def test_a_town_alone_finds_the_places_in_it(client: Client, cast: Cast, words: str) -> None:
    place(cast.provider, FacilityKind.STATION, "幸福养老服务站")
    inside = Facility.objects.filter(region__code__startswith="500151001").values_list(
        "pk", flat=True
    )
    found = client.get(reverse("portal:search"), {"q": words}).context
    places = {row["facility"] for row in found["results"] if "facility" in row}
    assert {*inside} <= places
    assert inside.filter(name__contains="幸福").exists()


@pytest.mark.parametrize("word", ["养老金", "退休金", "养老金认证"])
def test_who_asks_for_a_pension_is_told_whom_to_ask(client: Client, cast: Cast, word: str) -> None:
    body = page(client, "portal:search", q=word)
    assert 'href="tel:12333"' in body
    assert "没有找到" not in body


def test_an_operator_of_homes_says_what_it_runs(client: Client, cast: Cast) -> None:
    home = Facility.objects.filter(provider=cast.provider, kind=FacilityKind.INSTITUTION).first()
    assert home is not None
    Facility.objects.filter(pk=home.pk).update(month_price=300_000)
    place(cast.provider, FacilityKind.STATION, "幸福养老服务站")
    assert "上门做的" in page(client, "portal:provider", cast.provider.pk, place=str(home.pk))
    cast.provider.offers.update(active=False)
    at_home = page(client, "portal:provider", cast.provider.pk, place=str(home.pk))
    of_operator = page(client, "portal:provider", cast.provider.pk)
    assert "上门做的" not in at_home
    assert "住在这里 3,000 元／月起" in of_operator
    for body in (at_home, of_operator):
        assert "没有单独收费的服务" not in body
        assert "先用补贴付" not in body
