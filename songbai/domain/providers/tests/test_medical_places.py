"""Hospitals elders are taken to: brought up to date, and found from where somebody lives."""

import pytest

from songbai.core import clock
from songbai.core.errors import NotAllowed, NotFound
from songbai.domain.providers.actions import publish_medical_places
from songbai.domain.providers.models import MedicalPlace
from songbai.domain.providers.queries import medical_place, nearest_medical
from tests.cast import HOME, Cast, acting
from tests.escorts import hospital


def test_the_nearest_comes_first_with_its_metres(cast: Cast) -> None:
    far, near = hospital(9, "DEMO-9"), hospital(2, "DEMO-2")
    with acting(cast.daughter):
        found = nearest_medical(HOME)
    assert [place for place, _ in found] == [near, far]
    assert found[0][1] == pytest.approx(2_000, rel=0.01)


def test_saying_it_again_brings_it_up_to_date(cast: Cast) -> None:
    first = hospital(2)
    again = hospital(3, name="演示新院区")
    assert (again.pk, again.name) == (first.pk, "演示新院区")
    assert MedicalPlace.objects.count() == 1


def test_a_closed_one_is_not_offered(cast: Cast) -> None:
    closed = hospital(2, closed_on=clock.today())
    assert nearest_medical(HOME) == []
    with pytest.raises(NotFound, match="可能已经关闭"):
        medical_place(closed.pk)


def test_people_do_not_write_them(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        publish_medical_places(cast.officer, [])
