"""A year told with errors ends as the truth told once, in order."""

import pytest

from bench.lives.story import lives
from bench.lives.world import World
from tests.cast import Cast

SEEDS, PEOPLE = range(10), 2


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("in_sets", [False, True])
def test_ten_years_end_as_the_truth_told_once(cast: Cast, in_sets: bool) -> None:
    world = World(cast, in_sets)
    world.live(life for seed in SEEDS[in_sets::2] for life in lives(seed, PEOPLE))
    found = world.differences()
    for seed, lines in found.items():
        print(f"seed {seed}", *lines, sep="\n  ")
    assert sorted(found) == []
