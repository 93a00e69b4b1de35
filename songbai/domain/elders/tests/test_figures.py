"""Counts of elders are those of the register, and only those in scope."""

from datetime import date

import pytest

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.errors import NotAllowed
from songbai.domain.elders.actions import recount
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries.figures import heads, heads_by_division
from songbai.domain.elders.queries.finding import Wanted, find
from tests.cast import Cast, acting, make_elder


def test_a_count_agrees_with_the_register(cast: Cast) -> None:
    year = clock.today().year
    make_elder("周六十", 3001, birth_date=date(year - 60, 1, 1))
    make_elder("周五十", 3002, birth_date=date(year - 56, 1, 1))
    dead = make_elder("周已故", 3003)
    Elder.objects.filter(pk=dead.pk).update(died_on=clock.today())
    assert recount(SYSTEM) == 5
    with acting(cast.officer):
        counted = heads(cast.officer, "500151")
        assert counted.elders == find(cast.officer, Wanted("500151")).count() == 3
        assert counted.old == find(cast.officer, Wanted("500151", ages=(80, None))).count() == 2
        assert (
            counted.alone
            == find(cast.officer, Wanted("500151", living="living_alone")).count()
            == 3
        )


def test_counting_twice_changes_nothing(cast: Cast) -> None:
    assert recount(SYSTEM) == recount(SYSTEM) == 3


def test_one_district_is_counted_without_touching_another(cast: Cast) -> None:
    recount(SYSTEM)
    make_elder("周新来", 3001)
    assert recount(SYSTEM, "500151") == 3
    with acting(cast.far_officer):
        assert heads(cast.far_officer, "500152").elders == 1


def test_an_officer_counts_only_the_own_area(cast: Cast) -> None:
    recount(SYSTEM)
    with acting(cast.town_officer):
        assert heads(cast.town_officer, "500151").elders == 0
        assert heads_by_division(cast.town_officer, "", 6) == {}


def test_only_the_program_counts_and_only_officers_read(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        recount(cast.officer)
    with pytest.raises(NotAllowed):
        heads(cast.daughter, "500151")
