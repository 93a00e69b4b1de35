"""Divisions and places of the demo city."""

import numpy as np
import pytest

from songbai.cli.demo import geography
from songbai.cli.demo.geography import HOME_REACH, METRES_PER_DEGREE, TONGLIANG

BACHUAN = "500151001000"
WANZHOU = "500101000000"


def test_chongqing_has_its_divisions() -> None:
    levels = [row.level for row in geography.divisions().values()]
    assert [levels.count(level) for level in (1, 2, 3, 4, 5)] == [1, 2, 38, 1031, 11_270]


def test_every_division_but_the_province_has_a_parent_one_level_up() -> None:
    rows = geography.divisions()
    assert {row.code for row in rows.values() if row.parent is None} == {geography.CITY}
    assert all(rows[row.parent].level == row.level - 1 for row in rows.values() if row.parent)


def test_tongliang_has_28_towns_and_333_villages() -> None:
    assert len(geography.towns_of("500151")) == 28
    assert len(geography.villages_of_district(TONGLIANG)) == 333
    assert geography.villages_of("500151001")[0].name == "东方社区居民委员会"


def test_communities_are_urban_and_villages_are_not() -> None:
    villages = geography.villages_of(BACHUAN)
    assert [village.is_urban for village in villages] == [True] * 11 + [False] * 5


def test_an_unknown_division_is_an_error() -> None:
    with pytest.raises(KeyError):
        geography.towns_of("999999")


def test_every_village_of_tongliang_lies_in_its_town() -> None:
    centres = geography.village_centres(TONGLIANG)
    for town in geography.towns_of(TONGLIANG):
        own = np.array([village.parent == town.code for village in centres.villages])
        assert geography.contains(town.code, centres.lon[own], centres.lat[own]).all()


@pytest.mark.parametrize("district", [row.code for row in geography.districts()])
def test_every_village_lies_in_its_district(district: str) -> None:
    centres = geography.village_centres(district)
    assert len(centres.villages) == len(centres.lon) == len(centres.lat)
    assert geography.contains(district, centres.lon, centres.lat).all()


def test_no_two_villages_share_a_place() -> None:
    for district in (TONGLIANG, WANZHOU):
        centres = geography.village_centres(district)
        assert len(set(zip(centres.lon, centres.lat, strict=True))) == len(centres.villages)


def test_every_town_and_district_with_villages_has_a_place_in_its_district() -> None:
    for district in geography.districts():
        towns = [
            town for town in geography.towns_of(district.code) if geography.villages_of(town.code)
        ]
        lon, lat = np.array([geography.places()[town.code] for town in towns]).T
        assert geography.contains(district.code, lon, lat).mean() > 0.9, district
        assert district.code in geography.places()


def test_homes_stay_near_their_village() -> None:
    lon, lat = np.full(10_000, 106.0), np.full(10_000, 29.8)
    urban = np.arange(10_000) % 2 == 0
    home_lon, home_lat = geography.spread_homes(np.random.default_rng(1), lon, lat, urban)
    east = (home_lon - lon) * METRES_PER_DEGREE * np.cos(np.radians(29.8))
    away = np.hypot(east, (home_lat - lat) * METRES_PER_DEGREE)
    assert away.max() <= HOME_REACH + 1
    assert np.median(away[urban]) < np.median(away[~urban]) < 1000


def test_homes_outside_the_district_are_drawn_in() -> None:
    centre = geography.village_centres(WANZHOU)
    far = centre.lon + 0.5
    lon, lat = geography.kept_inside(WANZHOU, far, centre.lat, centre.lon, centre.lat)
    assert geography.contains(WANZHOU, lon, lat).all()
