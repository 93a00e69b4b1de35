"""Hospitals of the demo city are invented, few, inside their district and always the same."""

import numpy as np
import pytest

from songbai.cli.demo import geography, hospitals, population
from songbai.cli.demo.geography import TONGLIANG
from songbai.core import clock


@pytest.mark.parametrize("code", [TONGLIANG, "500103000000"])
def test_a_district_has_a_handful_and_all_say_that_they_are_a_demo(code: str) -> None:
    batch = population.district_elders(code, 7, clock.today(), 200)
    found = hospitals.build(code, 7, 3, batch)
    assert 3 <= len(found.name) <= 6
    assert all("演示" in name for name in found.name.tolist())
    assert all(number.startswith("DEMO") for number in found.code.tolist())
    assert len(set(found.name.tolist())) == len(found.name)
    assert all(region.startswith(code[:6]) for region in found.region.tolist())
    assert geography.contains(code, found.lon, found.lat).all()


def test_the_same_seed_gives_the_same_hospitals() -> None:
    batch = population.district_elders(TONGLIANG, 7, clock.today(), 200)
    one, other = (hospitals.build(TONGLIANG, 7, 0, batch) for _ in range(2))
    assert np.array_equal(one.lon, other.lon)
    assert np.array_equal(one.of, other.of)


def test_everybody_goes_to_the_nearest() -> None:
    batch = population.district_elders(TONGLIANG, 7, clock.today(), 200)
    found = hospitals.build(TONGLIANG, 7, 0, batch)
    far = np.hypot((found.lon - batch.lon[5]) * 0.87, found.lat - batch.lat[5])
    assert found.of[5] == far.argmin()
