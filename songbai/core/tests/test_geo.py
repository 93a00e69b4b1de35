"""Distances and cells."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songbai.core.geo import EARTH_KM, Place, cell, distance_km

PLACES = st.builds(Place, st.floats(-180, 180), st.floats(-89, 89))
HOME = Place(106.055, 29.845)


@pytest.mark.parametrize(
    ("there", "km"),
    [
        (HOME, 0.0),
        (Place(106.055, 30.845), 111.2),
        (Place(107.055, 29.845), 96.4),
        (Place(106.055 - 180, -29.845), math.pi * EARTH_KM),
    ],
)
def test_known_distances(there: Place, km: float) -> None:
    assert distance_km(HOME, there) == pytest.approx(km, rel=0.001, abs=1e-6)


@given(PLACES, PLACES)
def test_there_is_as_far_as_back(a: Place, b: Place) -> None:
    assert distance_km(a, b) == pytest.approx(distance_km(b, a), abs=1e-6)
    assert 0 <= distance_km(a, b) <= math.pi * EARTH_KM + 1


@given(PLACES, PLACES, PLACES)
def test_a_detour_is_never_shorter(a: Place, b: Place, c: Place) -> None:
    assert distance_km(a, c) <= distance_km(a, b) + distance_km(b, c) + 1e-3


def test_neighbours_share_a_cell_and_towns_do_not() -> None:
    assert cell(HOME) == cell(Place(106.0551, 29.8451))
    assert cell(HOME) != cell(Place(106.155, 29.845))
