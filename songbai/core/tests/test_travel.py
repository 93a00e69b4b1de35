"""Minutes on the way: estimated, or asked."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from songbai.core.geo import Mode, Place
from songbai.core.travel import EstimatedTravel, OsrmTravel, travel

HOME = Place(106.055, 29.845)
#: One kilometre to the north.
NEAR = Place(106.055, 29.853993)
ESTIMATE = EstimatedTravel()


@pytest.mark.parametrize(("mode", "minutes"), [(Mode.WALK, 18), (Mode.EBIKE, 7), (Mode.CAR, 8)])
def test_a_kilometre_by_each_mode(mode: Mode, minutes: int) -> None:
    assert ESTIMATE.minutes(HOME, NEAR, mode) == minutes


@pytest.mark.parametrize("mode", list(Mode))
def test_who_is_there_does_not_travel(mode: Mode) -> None:
    assert ESTIMATE.minutes(HOME, HOME, mode) == 0


@given(st.floats(0, 0.3), st.floats(0, 0.3), st.sampled_from(Mode))
def test_farther_never_takes_less(a: float, b: float, mode: Mode) -> None:
    near, far = sorted((a, b))
    way = [ESTIMATE.minutes(HOME, Place(106.055 + d, 29.845), mode) for d in (near, far)]
    assert way == sorted(way)


def osrm(reply: httpx.Response | Exception, asked: list[str]) -> OsrmTravel:
    """A road server that gives one answer."""

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        if isinstance(reply, Exception):
            raise reply
        return reply

    adapter = OsrmTravel("http://roads.example")
    adapter.client.close()
    adapter.client = httpx.Client(
        base_url="http://roads.example", transport=httpx.MockTransport(answer)
    )
    return adapter


def test_a_road_server_is_asked_and_its_seconds_rounded_up() -> None:
    asked: list[str] = []
    roads = osrm(httpx.Response(200, json={"routes": [{"duration": 601.0}]}), asked)
    assert roads.minutes(HOME, NEAR, Mode.EBIKE) == 11
    assert asked[0].startswith("http://roads.example/route/v1/bike/106.055,29.845;106.055,")


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(500),
        httpx.Response(200, json={"routes": []}),
        httpx.Response(200, json={"code": "NoRoute"}),
        httpx.Response(200, text="busy"),
        httpx.ConnectError("away"),
    ],
)
def test_when_the_road_server_is_of_no_use_we_estimate(reply: httpx.Response | Exception) -> None:
    assert osrm(reply, []).minutes(HOME, NEAR, Mode.WALK) == ESTIMATE.minutes(HOME, NEAR, Mode.WALK)


def test_the_installation_chooses_the_adapter(settings: Settings) -> None:
    travel.cache_clear()
    assert isinstance(travel(), EstimatedTravel)
    travel.cache_clear()
    settings.TRAVEL_SERVER = "http://roads.example"
    assert isinstance(travel(), OsrmTravel)
    travel.cache_clear()
