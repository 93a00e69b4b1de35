"""Bodies out of the ordinary are put before oversight once, and leave the list with a word."""

import dataclasses

import pytest

from songbai.core.accounts.rules import SYSTEM
from songbai.core.errors import NotAllowed, NotFound, Refused
from songbai.core.events.models import Event
from songbai.domain.assessments import actions, tasks
from songbai.domain.assessments.actions import bodies
from songbai.domain.assessments.models import Outlier
from songbai.domain.assessments.queries.figures import open_outliers
from songbai.domain.assessments.rules.agreement import (
    BodyFigures,
    Measure,
    Stratum,
    funnel,
    oddities,
)
from songbai.domain.assessments.tests.scene import Scene, concluded, make_scene
from tests.cast import Cast, acting

from .forms import GBT

USUAL = BodyFigures(1, 200, 0.8, 200, 170, 60.0, 10, 1, None)


@pytest.fixture
def scene(cast: Cast) -> Scene:
    return make_scene(cast)


def among_peers(**changes: object) -> list[tuple[int, Measure]]:
    """What is odd about a body with these figures among four ordinary ones."""
    odd = dataclasses.replace(USUAL, **changes)  # type: ignore[arg-type]  # names of BodyFigures
    peers = [dataclasses.replace(USUAL, body=number) for number in range(2, 6)]
    return [(one.body, one.measure) for one in oddities([odd, *peers])]


@pytest.mark.parametrize(
    ("changes", "measure"),
    [
        ({"kappa": 0.59}, Measure.AGREEMENT),
        ({"minutes": 29.0}, Measure.MINUTES),
        ({"minutes": 121.0}, Measure.MINUTES),
        ({"upheld": 5}, Measure.UPHELD),
    ],
)
def test_each_measure_has_its_threshold(changes: dict[str, object], measure: Measure) -> None:
    assert among_peers(**changes) == [(1, measure)]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"kappa": 0.6},
        {"kappa": 0.1, "pairs": 29},
        {"kappa": None},
        {"minutes": 30.0},
        {"minutes": 120.0},
        {"minutes": 5.0, "assessed": 29},
        {"minutes": None},
        {"appeals": 4, "upheld": 4},
        {"upheld": 4},
    ],
)
def test_ordinary_bodies_and_few_cases_are_left_alone(changes: dict[str, object]) -> None:
    assert among_peers(**changes) == []


def test_drift_is_told_by_the_funnel() -> None:
    strata = [Stratum(1, "80", 200, 90), *(Stratum(n, "80", 200, 40) for n in range(2, 11))]
    rows = [BodyFigures(p.body, 200, 0.8, 200, 170, 60.0, 0, 0, p) for p in funnel(strata)]
    assert [(one.body, one.measure) for one in oddities(rows)] == [(1, Measure.DRIFT)]


@pytest.fixture
def strange(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Outlier:
    """The first body is put on the list by the weekly job."""
    body = scene.bodies[0].pk
    rows = {body: dataclasses.replace(USUAL, body=body, kappa=0.3)}
    monkeypatch.setattr(bodies, "figures", lambda *asked: rows if GBT.code in asked else {})
    tasks.watch_quality.func(timestamp=0)
    return Outlier.objects.get()


def test_the_job_tells_oversight_once(strange: Outlier) -> None:
    tasks.watch_quality.func(timestamp=1)
    assert Outlier.objects.count() == 1
    [event] = Event.objects.filter(kind="body.outlier")
    assert (event.subject_id, event.payload["measure"]) == (strange.body_id, "agreement")


def test_it_leaves_the_list_with_a_word_and_may_come_again(scene: Scene, strange: Outlier) -> None:
    officer = scene.cast.officer
    with acting(officer):
        with pytest.raises(Refused):
            actions.close_outlier(officer, strange.pk, "好")
        actions.close_outlier(officer, strange.pk, "两位新人，已安排培训")
        assert list(open_outliers(officer)) == []
        with pytest.raises(NotFound):
            actions.close_outlier(officer, strange.pk, "再写一次")
    tasks.watch_quality.func(timestamp=2)
    assert Outlier.objects.filter(closed_at=None).count() == 1


def test_who_sees_it(scene: Scene, strange: Outlier) -> None:
    with acting(scene.manager):
        assert list(open_outliers(scene.manager)) == [strange]
        with pytest.raises(NotAllowed):
            actions.close_outlier(scene.manager, strange.pk, "自己查过了")
    with acting(scene.cast.far_officer):
        assert list(open_outliers(scene.cast.far_officer)) == []
        with pytest.raises(NotFound):
            actions.close_outlier(scene.cast.far_officer, strange.pk, "别的区")
    with pytest.raises(NotAllowed):
        actions.notice_outliers(scene.cast.officer, "500151", GBT.code)


def test_one_ordinary_result_puts_nobody_on_the_list(scene: Scene) -> None:
    concluded(scene)
    assert actions.notice_outliers(SYSTEM, "500151", GBT.code) == []
