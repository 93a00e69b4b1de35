"""Who serves where in the demo."""

from datetime import date

import pytest

from songbai.cli.demo import geography, network
from songbai.cli.demo.geography import TONGLIANG


@pytest.mark.parametrize("seed", range(1, 6))
def test_every_town_has_caregivers_of_its_own(seed: int) -> None:
    found = network.build(TONGLIANG, seed, date(2026, 11, 30), 1.0, 0)
    homes = {town for towns in found.towns for town in towns}
    assert homes == {town.code[:9] for town in geography.towns_of(geography.whole(TONGLIANG))}
