"""Minutes on the way: estimated, or asked."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from songbai.core.geo import Mode, Place
from songbai.core.travel import EstimatedTravel, RoadServer, travel
from songbai.core.travel.servers import Osrm, Valhalla

from .road_server import Roads, road_server

HOME = Place(106.055, 29.845)
#: One kilometre to the north.
NEAR = Place(106.055, 29.853993)
#: Ten thousandths of a degree to the north: 900 seconds on the roads of the test's server.
NORTH = Place(106.055, 29.855)
ESTIMATE = EstimatedTravel()
places = st.builds(Place, st.floats(105.5, 106.5), st.floats(29.5, 30.5))


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


@given(st.lists(places, max_size=5), st.lists(places, max_size=5), st.sampled_from(Mode))
def test_the_matrix_says_what_single_ways_say(
    starts: list[Place], ends: list[Place], mode: Mode
) -> None:
    matrix = ESTIMATE.matrix(starts, ends, mode)
    assert matrix.shape == (len(starts), len(ends))
    single = [[ESTIMATE.minutes(a, b, mode) for b in ends] for a in starts]
    assert np.abs(matrix - np.array(single).reshape(matrix.shape)).max(initial=0) <= 1


def test_steeper_country_takes_longer() -> None:
    assert EstimatedTravel(2.0).minutes(HOME, NEAR, Mode.WALK) == 27


@pytest.fixture
def roads() -> Iterator[Roads]:
    with road_server() as server:
        yield server


@pytest.fixture(params=[Osrm, Valhalla])
def adapter(request: pytest.FixtureRequest, roads: Roads) -> Iterator[RoadServer]:
    made: RoadServer = request.param(roads.address, ESTIMATE)
    with made.client:
        yield made


def test_a_road_server_is_asked_and_its_seconds_rounded_up(adapter: RoadServer) -> None:
    assert adapter.minutes(HOME, NORTH, Mode.EBIKE) == 15
    assert adapter.minutes(NORTH, HOME, Mode.EBIKE) == 1


def test_rows_are_starts_and_columns_are_ends(adapter: RoadServer) -> None:
    assert adapter.matrix([HOME], [HOME, NORTH], Mode.CAR).tolist() == [[0, 15]]


def test_many_places_are_asked_in_blocks_the_server_accepts(
    adapter: RoadServer, roads: Roads
) -> None:
    line = [Place(106.0, round(29.0 + i / 1000, 3)) for i in range(120)]
    found = adapter.matrix(line, line, Mode.CAR)
    assert (len(roads.asked), int(found[0, 119]), int(found[70, 70])) == (9, 179, 0)


def test_what_was_asked_once_is_remembered(adapter: RoadServer, roads: Roads) -> None:
    for _ in range(2):
        adapter.matrix([HOME], [HOME, NORTH], Mode.CAR)
    assert len(roads.asked) == 1


def test_a_way_the_server_does_not_know_is_estimated(adapter: RoadServer, roads: Roads) -> None:
    roads.no_way = (HOME.longitude, HOME.latitude)
    assert adapter.minutes(HOME, NORTH, Mode.CAR) == ESTIMATE.minutes(HOME, NORTH, Mode.CAR)


@pytest.mark.parametrize("broken", ["500", "busy", "[]", "{}", '{"durations": [[1, 2]]}'])
def test_when_the_road_server_is_of_no_use_we_estimate(
    adapter: RoadServer, roads: Roads, broken: str
) -> None:
    roads.broken = broken
    assert adapter.minutes(HOME, NORTH, Mode.WALK) == ESTIMATE.minutes(HOME, NORTH, Mode.WALK)


def test_an_estimate_is_not_remembered_and_a_silent_server_left_alone(
    adapter: RoadServer, roads: Roads, monkeypatch: pytest.MonkeyPatch
) -> None:
    roads.broken = "500"
    for _ in range(3):
        adapter.minutes(HOME, NORTH, Mode.WALK)
    assert len(roads.asked) == 1
    roads.broken = ""
    monkeypatch.setattr("songbai.core.travel.roads.PAUSE", 0.0)
    adapter._quiet_until = 0.0
    assert adapter.minutes(HOME, NORTH, Mode.WALK) == 15


@pytest.mark.parametrize(
    ("server", "kind"),
    [
        (None, EstimatedTravel),
        (("osrm", "http://roads.example"), Osrm),
        (("valhalla", "http://roads.example"), Valhalla),
    ],
)
def test_the_installation_chooses_the_adapter(
    settings: Settings, server: tuple[str, str] | None, kind: type
) -> None:
    travel.cache_clear()
    settings.TRAVEL_SERVER = server
    assert isinstance(travel(), kind)
    travel.cache_clear()
