"""Reading the division tree."""

import pytest
from pytest_django import DjangoAssertNumQueries

from songbai.core.errors import UnknownRegion
from songbai.core.regions.queries import children, path, region
from songbai.core.regions.rules import Level
from tests.cast import Cast


@pytest.mark.parametrize("code", ["500151", "500151000000"])
def test_a_division_is_found_by_code_or_prefix(cast: Cast, code: str) -> None:
    assert region(code).name == "铜梁区"


@pytest.mark.parametrize("code", ["999999", "5", "", "abc"])
def test_an_unknown_division_is_named_as_such(cast: Cast, code: str) -> None:
    with pytest.raises(UnknownRegion):
        region(code)


def test_the_path_leads_down_from_the_district(cast: Cast) -> None:
    names = [step.short for step in path("500151001001")]
    assert names == ["铜梁区", "巴川", "东方社区"]
    assert [step.name for step in path("500151105000")] == ["铜梁区", "安居镇"]


def test_a_district_has_its_towns_and_villages(cast: Cast) -> None:
    assert [town.short for town in children("500151", Level.TOWN)] == ["巴川", "安居"]
    assert [v.short for v in children("500151105", Level.VILLAGE)] == ["白云村"]


def test_what_was_read_is_remembered(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    path("500151001001")
    with django_assert_num_queries(0):
        path("500151001001")
