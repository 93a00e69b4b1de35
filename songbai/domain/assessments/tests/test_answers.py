"""Taps from several devices, late, twice, in any order."""

import dataclasses
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.events.models import Event
from songbai.domain.assessments import actions, queries
from songbai.domain.assessments.actions import Incomplete, NewTap
from songbai.domain.assessments.models import Assessment, AssessorAnswers, Tap
from songbai.domain.assessments.rules.answers import Tap as PureTap
from songbai.domain.assessments.rules.answers import merge
from songbai.domain.assessments.rules.process import State
from tests.cast import Cast, acting, tomorrow

from .forms import best
from .scene import NOTHING_TO_REPORT, Scene, booked, filled, make_scene, signed, taps, team

pytestmark = pytest.mark.long

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


@st.composite
def histories(draw: st.DrawFn) -> list[PureTap]:
    """Taps of up to three devices, each having seen some of the earlier ones."""
    found: list[PureTap] = []
    for number in range(draw(st.integers(1, 12))):
        item = draw(st.sampled_from(["B.1.1", "B.1.2"]))
        before = [tap.record for tap in found if tap.item == item]
        seen = draw(st.lists(st.sampled_from(before), unique=True)) if before else []
        found.append(
            PureTap(
                uuid.UUID(int=number),
                item,
                draw(st.integers(0, 4)),
                draw(st.sampled_from(["phone", "tablet", "laptop"])),
                NOON + timedelta(seconds=draw(st.integers(0, 9))),
                frozenset(seen),
            )
        )
    return found


@given(histories(), st.randoms())
def test_order_and_repetition_of_arrival_change_nothing(
    history: list[PureTap], random: object
) -> None:
    again = [*history, *history[: len(history) // 2]]
    random.shuffle(again)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert merge(again) == merge(history)


@given(histories())
def test_no_value_that_nobody_replaced_is_lost(history: list[PureTap]) -> None:
    sheet = merge(history)
    for tap in history:
        replaced = any(tap.record in other.replaces for other in history)
        shown = {t.value for t in sheet.questions.get(tap.item, ())} | {sheet.answers[tap.item]}
        assert replaced or tap.value in shown


@given(histories())
def test_a_tap_that_replaces_the_heads_settles_the_question(history: list[PureTap]) -> None:
    sheet = merge(history)
    last = [
        PureTap(uuid.uuid4(), item, 3, "phone", NOON, frozenset(heads))
        for item, heads in sheet.heads.items()
    ]
    settled = merge([*history, *last])
    assert settled.questions == {}
    assert set(settled.answers.values()) == {3}


@pytest.fixture
def scene(cast: Cast) -> Scene:
    return make_scene(cast)


def begun(scene: Scene) -> tuple[Assessment, Actor, AssessorAnswers]:
    found = booked(scene)
    [(actor, sheet), *_] = team(scene, found)
    return found, actor, sheet


def test_a_day_without_signal_arrives_once_with_its_own_times(scene: Scene) -> None:
    found, actor, sheet = begun(scene)
    begin, end = tomorrow(9), tomorrow(9, 40)
    given_ = taps({**best(), **NOTHING_TO_REPORT}, at=begin)
    with clock.moved_to(begin + timedelta(days=1)), acting(actor):
        actions.save_taps(actor, sheet.pk, given_[20:])
        actions.save_taps(actor, sheet.pk, given_)
        again = actions.save_taps(actor, sheet.pk, given_)
        actions.finish(actor, sheet.pk, at=end)
    sheet.refresh_from_db()
    found.refresh_from_db()
    assert (len(again.kept), Tap.objects.filter(sheet=sheet).count()) == (29, 29)
    assert set(Tap.objects.values_list("record", "at")) == {(t.record, t.at) for t in given_}
    assert (sheet.started_at, sheet.finished_at) == (begin, end)
    assert (found.state, found.started_at) == (State.UNDER_WAY, begin)


def test_two_devices_lose_nothing_and_ask(scene: Scene) -> None:
    _, actor, sheet = begun(scene)
    everything = taps({**best(), **NOTHING_TO_REPORT}, device="phone")
    first = next(tap for tap in everything if tap.item == "B.1.1")
    other = dataclasses.replace(first, record=uuid.uuid4(), value=2, device="tablet")
    with acting(actor):
        actions.save_taps(actor, sheet.pk, everything)
        saved = actions.save_taps(actor, sheet.pk, [other])
        asked = saved.sheet.questions["B.1.1"]
        assert {tap.value for tap in asked} == {4, 2}
        with pytest.raises(Incomplete) as refused:
            actions.finish(actor, sheet.pk)
        assert [problem.item for problem in refused.value.problems] == ["B.1.1"]
        heads = saved.sheet.heads["B.1.1"]
        choice = NewTap(uuid.uuid4(), "B.1.1", 2, "phone", tomorrow(10), heads)
        assert actions.save_taps(actor, sheet.pk, [choice]).sheet.questions == {}
        assert actions.finish(actor, sheet.pk).level == 1


def test_the_same_on_two_devices_is_no_question(scene: Scene) -> None:
    _, actor, sheet = begun(scene)
    with acting(actor):
        for device in ("phone", "tablet"):
            saved = actions.save_taps(actor, sheet.pk, taps({"B.1.1": 3}, device=device))
    assert (saved.sheet.answers, saved.sheet.questions) == ({"B.1.1": 3}, {})


def test_a_device_that_changes_its_mind_is_believed(scene: Scene) -> None:
    _, actor, sheet = begun(scene)
    [first] = taps({"B.1.1": 3})
    then = NewTap(uuid.uuid4(), "B.1.1", 1, "one", tomorrow(9, 5), (first.record,))
    with acting(actor):
        saved = actions.save_taps(actor, sheet.pk, [then, first])
        assert saved.sheet.answers == {"B.1.1": 1}
        back = NewTap(uuid.uuid4(), "B.1.1", None, "one", tomorrow(9, 6), (then.record,))
        actions.save_taps(actor, sheet.pk, [back])
        assert queries.sheet_of(actor, sheet.pk).answers == {}


def test_impossible_values_are_refused_one_by_one(scene: Scene) -> None:
    _, actor, sheet = begun(scene)
    given_ = taps({"B.1.1": 9, "B.1.2": 4, "Z": 1, "A.5.11": "yes", "A.4.1": ["f00"]})
    with acting(actor):
        saved = actions.save_taps(actor, sheet.pk, given_)
    assert saved.sheet.answers == {"B.1.2": 4, "A.4.1": ["F00"]}
    assert len(saved.refused) == 3


def test_an_answer_after_handing_in_opens_the_sheet_again(scene: Scene) -> None:
    found = filled(scene)
    [(actor, sheet), *_] = team(scene, found)
    head = queries.merged(sheet).heads["B.1.1"]
    later = NewTap(uuid.uuid4(), "B.1.1", 0, "tablet", tomorrow(9, 30), head)
    with acting(actor):
        actions.save_taps(actor, sheet.pk, [later])
        assert queries.sheet_of(actor, sheet.pk).finished_at is None
        assert Assessment.objects.get(pk=found.pk).state == State.UNDER_WAY
        actions.finish(actor, sheet.pk)
        assert Assessment.objects.get(pk=found.pk).state == State.DONE


def test_what_comes_after_conferring_is_kept_and_told(scene: Scene) -> None:
    found = signed(scene)
    [(actor, sheet), *_] = team(scene, found)
    with acting(actor):
        saved = actions.save_taps(actor, sheet.pk, taps({"B.1.1": 0}, device="tablet"))
    found = Assessment.objects.get(pk=found.pk)
    assert (saved.late, found.late_answers, found.state) == (True, 1, State.SIGNED)
    assert queries.answers_of(found)["B.1.1"] == 4
    assert Event.objects.filter(kind="assessment.late_answers").count() == 1
    assert Tap.objects.filter(record=saved.kept[0]).exists()
