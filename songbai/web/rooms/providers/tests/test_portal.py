"""The portal is open to everyone and shows no person."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast

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
