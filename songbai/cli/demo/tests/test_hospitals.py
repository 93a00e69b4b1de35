"""Hospitals of the demo city are invented, few, inside their district and always the same."""

import numpy as np
import pytest

from songbai.cli.demo import geography, hospitals, population
from songbai.cli.demo.geography import TONGLIANG, FloatArray
from songbai.core import clock


def places_of(found: hospitals.Hospitals) -> tuple[FloatArray, FloatArray]:
    lon, lat = np.array([(one.longitude, one.latitude) for one in found.rows]).T
    return lon, lat


@pytest.mark.parametrize("code", [TONGLIANG, "500103000000"])
def test_a_district_has_a_handful_and_all_say_that_they_are_a_demo(code: str) -> None:
    batch = population.district_elders(code, 7, clock.today(), 200)
    found = hospitals.build(code, 7, 3, batch)
    assert 3 <= len(found.rows) <= 6
    assert all("演示" in one.name for one in found.rows)
    assert all(one.code.startswith("DEMO") for one in found.rows)
    assert len({one.name for one in found.rows}) == len(found.rows)
    assert all(one.region.startswith(code[:6]) for one in found.rows)
    assert geography.contains(code, *places_of(found)).all()


def test_the_same_seed_gives_the_same_hospitals() -> None:
    batch = population.district_elders(TONGLIANG, 7, clock.today(), 200)
    one, other = (hospitals.build(TONGLIANG, 7, 0, batch) for _ in range(2))
    assert one.rows == other.rows
    assert np.array_equal(one.of, other.of)


def test_everybody_goes_to_the_nearest() -> None:
    batch = population.district_elders(TONGLIANG, 7, clock.today(), 200)
    found = hospitals.build(TONGLIANG, 7, 0, batch)
    lon, lat = places_of(found)
    far = np.hypot((lon - batch.lon[5]) * 0.87, lat - batch.lat[5])
    assert found.of[5] == far.argmin()
