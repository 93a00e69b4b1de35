"""Where caregivers are, on the desk's map and in its list."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from songbai.core import clock
from songbai.core.audit.models import Read
from songbai.core.geo import Place
from songbai.domain.dispatch.actions import Fix, share_position, tell_position
from songbai.domain.dispatch.rules import FRESH
from songbai.web.rooms.dispatch.tests.test_desk import log_in
from tests.acts import assigned
from tests.cast import HOME, Cast, acting, tomorrow

URL = "desk:positions"


@pytest.fixture
def seen(cast: Cast) -> Iterator[None]:
    """Li Fang was at 8:30 where Mrs Wang lives."""
    assigned(cast)
    with clock.moved_to(tomorrow(8, 30)):
        with acting(cast.caregiver):
            share_position(cast.caregiver, shared=True)
            told = Fix(Place(HOME.longitude, HOME.latitude), 20, clock.now())
            assert tell_position(cast.caregiver, told)
        yield


def part(client: Client) -> str:
    return client.get(reverse(URL)).content.decode()


def test_the_desk_sees_name_place_and_time(cast: Cast, client: Client, seen: None) -> None:
    text = part(log_in(client, cast.dispatcher))
    for words in (
        f'data-here="{cast.staff.pk}" data-longitude="106.05500" data-latitude="29.84500"',
        'data-words="李芳 8:30"',
        "东方社区",
    ):
        assert words in text
    assert "data-old" not in text


def test_after_ten_minutes_it_says_that_it_is_old(cast: Cast, client: Client, seen: None) -> None:
    with clock.moved_to(clock.now() + FRESH + timedelta(minutes=1)):
        text = part(log_in(client, cast.dispatcher))
    assert 'data-words="李芳 8:30 的位置" data-old' in text
    assert "超过 10 分钟没有新的" in text


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("far_dispatcher", 200),
        ("officer", 403),
        ("provider_staff", 403),
        ("caregiver", 403),
        ("daughter", 403),
    ],
)
def test_nobody_else_sees_her(
    cast: Cast, client: Client, seen: None, who: str, status: int
) -> None:
    reply = log_in(client, getattr(cast, who)).get(reverse(URL))
    assert reply.status_code == status
    assert "data-here" not in reply.content.decode()


def test_who_switches_it_off_is_gone_from_the_map(cast: Cast, client: Client, seen: None) -> None:
    with acting(cast.caregiver):
        share_position(cast.caregiver, shared=False)
    assert "现在没有护理员打开位置" in part(log_in(client, cast.dispatcher))


def test_looking_leaves_no_trace_in_the_log_of_elders(
    cast: Cast, client: Client, seen: None
) -> None:
    before = Read.objects.count()
    part(log_in(client, cast.dispatcher))
    assert Read.objects.count() == before


def test_only_today_has_positions(cast: Cast, client: Client, seen: None) -> None:
    desk = log_in(client, cast.dispatcher)
    assert reverse(URL) in desk.get(reverse("desk:overview")).content.decode()
    day = (clock.today() + timedelta(days=1)).isoformat()
    assert reverse(URL) not in desk.get(reverse("desk:overview"), {"date": day}).content.decode()


def test_many_are_asked_for_at_once(
    cast: Cast, client: Client, seen: None, django_assert_max_num_queries: object
) -> None:
    desk = log_in(client, cast.dispatcher)
    part(desk)
    with django_assert_max_num_queries(11):  # type: ignore[operator]
        part(desk)
