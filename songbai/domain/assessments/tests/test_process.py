"""From request to result: who may, in which order, and what is left behind."""

import uuid
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import ProgrammingError, transaction

from songbai.core import clock
from songbai.core.accounts.actions import grant_access
from songbai.core.accounts.rules import SYSTEM
from songbai.core.errors import NotAllowed, NotFound, Refused
from songbai.core.events.models import Event
from songbai.domain.assessments import actions, queries
from songbai.domain.assessments.actions import (
    AlreadyAsked,
    Incomplete,
    InterestHeld,
    NobodyFree,
    StillDifferent,
    Stopped,
    TimeTaken,
    TooLate,
)
from songbai.domain.assessments.models import Appeal, Assessment, Body, Notice, Review, Signature
from songbai.domain.assessments.rules.process import Channel, State, drawn
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries.facts import current_of
from tests.cast import Cast, acting, bind, tomorrow

from .forms import LTCI, best, values
from .scene import (
    GATE,
    NOTHING_TO_REPORT,
    Scene,
    asked,
    booked,
    concluded,
    filled,
    make_scene,
    sent,
    signed,
    taps,
    team,
)

pytestmark = pytest.mark.long


@pytest.fixture
def scene(cast: Cast) -> Scene:
    return make_scene(cast)


def test_a_request_waits_for_a_body_and_the_same_form_is_one_request(scene: Scene) -> None:
    key = uuid.uuid4()
    first = asked(scene.cast, key=key)
    assert (first.state, first.channel) == (State.ACCEPTED, "proxy")
    assert asked(scene.cast, key=key) == first
    assert first.number


def test_one_assessment_at_a_time(scene: Scene) -> None:
    asked(scene.cast)
    with pytest.raises(AlreadyAsked):
        asked(scene.cast)
    assert asked(scene.cast, instrument=LTCI.code, gate=GATE).state == State.ACCEPTED


def test_the_gate_keeps_what_it_refuses(scene: Scene) -> None:
    refused = asked(scene.cast, instrument=LTCI.code, gate=dict.fromkeys(GATE, "独立"))
    assert (refused.state, refused.gate_outcome) == (State.REFUSED, "A")
    assert asked(scene.cast, instrument=LTCI.code, gate=GATE).gate_outcome == "E"


@pytest.mark.parametrize("name", ["stranger_family", "caregiver", "provider_staff", "far_officer"])
def test_strangers_ask_for_nobody(scene: Scene, name: str) -> None:
    actor = getattr(scene.cast, name)
    with acting(actor), pytest.raises(NotAllowed):
        actions.request(
            actor,
            actions.NewRequest(scene.cast.mother, "gbt42195-2022", Channel.VILLAGE, uuid.uuid4()),
        )


def test_two_assessors_of_one_body_one_of_them_medical(scene: Scene) -> None:
    found = sent(scene)
    sheets = found.sheets.select_related("assessor")
    assert sorted(sheet.assessor.medical for sheet in sheets) == [False, True]
    assert {sheet.assessor.body_id for sheet in sheets} == {found.body_id}


def test_bodies_get_their_fair_share(scene: Scene) -> None:
    small, large = scene.bodies
    Body.objects.filter(pk=large.pk).update(capacity=200)
    given = {small.pk: 0, large.pk: 0}
    for _ in range(6):
        found = sent(scene)
        given[found.body_id or 0] += 1
        actions.cancel(SYSTEM, found.pk, "老人外出")
    assert given == {small.pk: 2, large.pk: 4}


def serving(scene: Scene) -> None:
    Body.objects.filter(pk=scene.bodies[0].pk).update(serves_as=scene.cast.provider.pk)
    grant_access(
        person_id=scene.cast.mother.pk,
        region=scene.cast.mother.region_id,
        why="order",
        until=clock.now() + timedelta(days=1),
        organisation_id=scene.cast.provider.pk,
    )


def test_a_body_that_serves_the_elder_does_not_judge(scene: Scene) -> None:
    serving(scene)
    found = asked(scene.cast)
    with pytest.raises(InterestHeld, match="提供服务"):
        actions.assign(SYSTEM, found.pk, scene.bodies[0].pk)
    assert actions.assign(SYSTEM, found.pk).body_id == scene.bodies[1].pk


@pytest.mark.parametrize("why", ["kin", "declared", "certificate", "left"])
def test_an_assessor_with_an_interest_does_not_judge(cast: Cast, why: str) -> None:
    scene = make_scene(cast, bodies=1)
    [one, _] = scene.assessors[0]
    if why == "kin":
        bind(cast.mother, scene.actors[0][0])
    elif why == "declared":
        actions.recuse(scene.actors[0][0], one, cast.mother, "邻居")
    elif why == "certificate":
        type(one).objects.filter(pk=one.pk).update(certificate_until=date(2020, 1, 1))
    else:
        actions.let_go(SYSTEM, one)
    with pytest.raises(NobodyFree):
        sent(scene)


def test_an_assessor_is_in_one_place_at_a_time(cast: Cast) -> None:
    scene = make_scene(cast, bodies=1)
    booked(scene)
    with acting(cast.officer):
        new = actions.NewRequest(cast.neighbour, "gbt42195-2022", Channel.VILLAGE, uuid.uuid4())
        other = actions.request(cast.officer, new)
    actions.assign(SYSTEM, other.pk)
    with acting(cast.officer), pytest.raises(TimeTaken):
        actions.book(cast.officer, other.pk, tomorrow(10))
    with acting(cast.officer):
        assert actions.book(cast.officer, other.pk, tomorrow(11)).state == State.BOOKED


def test_the_way_to_a_result(scene: Scene) -> None:
    found = concluded(scene)
    assert (found.state, found.final_level, found.current) == (State.NOTICED, 0, True)
    assert Elder.objects.get(pk=scene.cast.mother.pk).ability_level == 0
    assert found.valid_until and found.due_on and found.due_on < found.valid_until
    assert Notice.objects.get(assessment=found).letter["result"].startswith("能力完好")
    kinds = list(
        Event.objects.filter(subject_kind="assessment", subject_id=found.pk)
        .order_by("id")
        .values_list("kind", flat=True)
    )
    short = [kind.removeprefix("assessment.") for kind in kinds]
    assert short == [
        "accepted", "assigned", "booked", "begun", "sheet_finished", "sheet_finished", "done",
        "reconciled", "signed", "concluded",
    ]  # fmt: skip


def test_both_assessors_and_the_daughter_have_signed(scene: Scene) -> None:
    found = signed(scene)
    kinds = sorted(Signature.objects.filter(assessment=found).values_list("kind", flat=True))
    assert kinds == ["assessor", "assessor", "information_provider"]


def test_differences_are_settled_one_by_one_and_both_sheets_stay(scene: Scene) -> None:
    one = {**best(), **NOTHING_TO_REPORT}
    other = {**one, "B.1.1": 0, "A.2.14": {"跌倒": 2}}
    found = filled(scene, None, one, other)
    [(actor, _), *_] = team(scene, found)
    with acting(actor):
        assert {d.code for d in queries.disagreements(found)} == {"B.1.1", "A.2.14"}
        with pytest.raises(StillDifferent, match=r"A\.2\.14"):
            actions.reconcile(actor, found.pk, {"B.1.1": 0})
        with pytest.raises(Refused, match=r"B\.1\.2"):
            actions.reconcile(actor, found.pk, {"B.1.1": 0, "A.2.14": {}, "B.1.2": 0})
        done = actions.reconcile(actor, found.pk, {"B.1.1": 2, "A.2.14": {"跌倒": 2}})
    assert (done.total, done.initial_level, done.final_level) == (88, 1, 2)
    assert {sheet.answers["B.1.1"] for sheet in found.sheets.all()} == {4, 0}
    assert queries.answers_of(done)["A.2.14"] == {"跌倒": 2}


def test_an_incomplete_sheet_is_not_handed_in(scene: Scene) -> None:
    found = booked(scene)
    [(actor, sheet), *_] = team(scene, found)
    with acting(actor):
        actions.save_taps(actor, sheet.pk, taps({"B.1.1": 4}))
        with pytest.raises(Incomplete) as refused:
            actions.finish(actor, sheet.pk)
    assert {"B.1.2", "A.5.11"} <= {problem.item for problem in refused.value.problems}


def test_another_assessor_does_not_write_here(scene: Scene) -> None:
    found = booked(scene)
    [(_, sheet), (second, _)] = team(scene, found)
    strangers = [second, scene.cast.caregiver, scene.cast.daughter, scene.cast.officer]
    for actor in strangers:
        with acting(actor), pytest.raises((NotFound, NotAllowed)):
            actions.save_taps(actor, sheet.pk, taps({"B.1.1": 0}))


def drawing(scene: Scene) -> Assessment:
    found = signed(scene)
    while not drawn(str(found.key), found.pk, 5):
        found.key = uuid.uuid4()
    Assessment.objects.filter(pk=found.pk).update(key=found.key)
    return actions.advance(SYSTEM, found.pk)


def test_what_is_drawn_goes_to_the_other_body(scene: Scene) -> None:
    found = drawing(scene)
    review = Review.objects.get(assessment=found)
    assert (found.state, found.review_drawn) == (State.IN_REVIEW, True)
    assert review.body_id not in {found.body_id, None}
    assert found.review_seed == str(found.key)


def reviewer(scene: Scene, found: Assessment) -> Any:
    [account] = Review.objects.filter(assessment=found).values_list(
        "assessor__account_id", flat=True
    )
    return next(a for pair in scene.actors for a in pair if a.account == account)


def test_a_review_that_agrees_lets_the_result_stand(scene: Scene) -> None:
    found = drawing(scene)
    actor = reviewer(scene, found)
    with acting(actor):
        assert actions.review(actor, found.pk, agrees=True).state == State.NOTICED


def test_a_review_that_doubts_sends_it_back(scene: Scene) -> None:
    found = drawing(scene)
    actor = reviewer(scene, found)
    with acting(actor):
        with pytest.raises(Refused, match="理由"):
            actions.review(actor, found.pk, agrees=False, doubted=("B.1.1",))
        actions.review(actor, found.pk, agrees=False, doubted=("B.1.1",), note="进食时有呛咳")
    again = Assessment.objects.get(pk=found.pk)
    assert again.state == State.UNDER_WAY
    for one, sheet in team(scene, again):
        with acting(one):
            actions.finish(one, sheet.pk)
    actions.reconcile(SYSTEM, again.pk, {})
    actions.sign(SYSTEM, again.pk, name="王敏", relation="女儿")
    assert actions.advance(SYSTEM, again.pk).state == State.NOTICED


def test_nobody_reviews_the_own_body(scene: Scene) -> None:
    found = drawing(scene)
    [(own, _), *_] = team(scene, found)
    with acting(own), pytest.raises(NotAllowed):
        actions.review(own, found.pk, agrees=True)


def insured(scene: Scene) -> Assessment:
    found = asked(scene.cast, instrument=LTCI.code, gate=GATE)
    booked(scene, sent(scene, found))
    worst = {code: values(item)[-1] for code, item in LTCI.items.items()}
    return concluded(scene, signed(scene, filled(scene, found, worst, worst)))


def test_insurance_grades_are_made_public_first(scene: Scene) -> None:
    found = insured(scene)
    assert (found.state, found.verified) == (State.PUBLICISED, False)
    with pytest.raises(TooLate):
        actions.end_publicity(SYSTEM, found.pk)
    with clock.moved_to(clock.now() + timedelta(days=8)):
        done = actions.end_publicity(SYSTEM, found.pk)
    assert (done.state, done.final_level) == (State.NOTICED, 5)
    assert Elder.objects.get(pk=scene.cast.mother.pk).ability_level == 2  # another scale
    assert "未核实" in Notice.objects.get(assessment=done).letter["warnings"][0]


def appealed(scene: Scene) -> tuple[Assessment, Assessment]:
    first = concluded(scene)
    with acting(scene.cast.daughter):
        return first, actions.appeal(scene.cast.daughter, first.pk, "结果和实际不符")


def test_an_appeal_goes_to_another_body_and_ends_the_dispute(scene: Scene) -> None:
    first, second = appealed(scene)
    sent(scene, second)
    second.refresh_from_db()
    assert second.body_id != first.body_id
    booked(scene, second)
    worse = {**best(), **NOTHING_TO_REPORT, "B.1.1": 0}
    done = concluded(scene, signed(scene, filled(scene, second, worse, worse)))
    first.refresh_from_db()
    assert (first.state, done.state) == (State.FINAL, State.FINAL)
    assert (first.current, done.current, done.final_level) == (False, True, 1)
    assert Appeal.objects.get(assessment=first).upheld is True
    assert Elder.objects.get(pk=scene.cast.mother.pk).ability_level == 1


def test_a_later_result_leaves_the_days_before_it_alone(scene: Scene) -> None:
    first, second = appealed(scene)
    sent(scene, second)
    second.refresh_from_db()
    booked(scene, second)
    worse = {**best(), **NOTHING_TO_REPORT, "B.1.1": 0}
    ready = signed(scene, filled(scene, second, worse, worse))
    with clock.moved_to(clock.now() + timedelta(days=10)):
        done = concluded(scene, ready)
        days = first.valid_from, done.valid_from
        stood = [current_of(SYSTEM, scene.cast.mother, day=day)["ability_level"] for day in days]
    assert [one.stands.value for one in stood] == ["0", "1"]


def test_without_another_body_an_appeal_waits(cast: Cast) -> None:
    _, second = appealed(make_scene(cast, bodies=1))
    with pytest.raises(NobodyFree):
        actions.assign(SYSTEM, second.pk)


def test_appeals_come_once_and_in_time(scene: Scene) -> None:
    first, second = appealed(scene)
    with acting(scene.cast.daughter):
        assert actions.appeal(scene.cast.daughter, first.pk, "结果和实际不符") == second


def test_after_the_days_to_appeal_a_result_is_final(scene: Scene) -> None:
    found = concluded(scene)
    with pytest.raises(TooLate):
        actions.make_final(SYSTEM, found.pk)
    with clock.moved_to(clock.now() + timedelta(days=31)):
        with acting(scene.cast.daughter), pytest.raises(TooLate, match="期限"):
            actions.appeal(scene.cast.daughter, found.pk, "结果和实际不符")
        assert actions.make_final(SYSTEM, found.pk).state == State.FINAL


@pytest.mark.parametrize("way", [asked, sent, booked, filled, signed])
def test_every_step_can_rest_and_go_on(scene: Scene, way: Any) -> None:
    found = way(scene.cast) if way is asked else way(scene)
    before = Assessment.objects.get(pk=found.pk).state
    with acting(scene.cast.officer):
        actions.stop(scene.cast.officer, found.pk, "老人住院")
    for act in (actions.assign, actions.advance):
        with pytest.raises((Stopped, TooLate)):
            act(SYSTEM, found.pk)
    with acting(scene.cast.officer):
        actions.go_on(scene.cast.officer, found.pk)
    after = Assessment.objects.get(pk=found.pk)
    assert (after.state, after.stopped_at) == (before, None)


def test_the_database_holds_a_stopped_assessment(scene: Scene) -> None:
    found = asked(scene.cast)
    actions.stop(SYSTEM, found.pk, "住院")
    with pytest.raises(ProgrammingError, match="Cannot update of"), transaction.atomic():
        Assessment.objects.filter(pk=found.pk).update(state=State.ASSIGNED)


@pytest.mark.parametrize(
    ("change", "says"),
    [({"state": State.FINAL}, "Invalid transition"), ({}, "Cannot delete")],
)
def test_the_database_refuses_what_the_table_does_not_have(
    scene: Scene, change: dict[str, Any], says: str
) -> None:
    found = asked(scene.cast)
    with pytest.raises(ProgrammingError, match=says), transaction.atomic():
        rows = Assessment.objects.filter(pk=found.pk)
        rows.update(**change) if change else rows.delete()


def test_a_result_that_was_told_is_not_changed(scene: Scene) -> None:
    found = concluded(scene)
    with pytest.raises(ProgrammingError, match="Cannot update of"), transaction.atomic():
        Assessment.objects.filter(pk=found.pk).update(total=10)


def test_families_see_the_sheets_only_with_the_result(scene: Scene) -> None:
    found = filled(scene)
    with acting(scene.cast.daughter):
        before = queries.story(scene.cast.daughter, found.pk)
    concluded(scene, signed(scene, found))
    with acting(scene.cast.daughter):
        after = queries.story(scene.cast.daughter, found.pk)
    assert (len(before.sheets), len(after.sheets)) == (0, 2)


@pytest.mark.parametrize(
    ("name", "sees"),
    [("daughter", True), ("officer", True), ("stranger_family", False), ("town_officer", False),
     ("far_officer", False), ("caregiver", False), ("provider_staff", False),
     ("dispatcher", False)],
)  # fmt: skip
def test_who_sees_an_assessment(scene: Scene, name: str, sees: bool) -> None:
    found, actor = booked(scene), getattr(scene.cast, name)
    with acting(actor):
        if sees:
            assert queries.get(actor, found.pk) == found
        else:
            with pytest.raises((NotFound, NotAllowed)):
                queries.get(actor, found.pk)


def test_a_body_and_its_assessors_see_their_own(scene: Scene) -> None:
    found = booked(scene)
    for pair in scene.actors:
        for actor in pair:
            with acting(actor):
                mine = queries.visible(actor).filter(pk=found.pk).exists()
            assert mine is (
                pair is scene.actors[[body.pk for body in scene.bodies].index(found.body_id or 0)]
            )
    with acting(scene.manager):
        seen = queries.visible(scene.manager).filter(pk=found.pk).exists()
    assert seen is (found.body_id == scene.manager.organisation)


def test_the_seed_decides_the_sample_and_nothing_else() -> None:
    hits = [n for n in range(20_000) if drawn("2026", n, 5)]
    assert hits == [n for n in range(20_000) if drawn("2026", n, 5)]
    assert 800 < len(hits) < 1_200
    assert set(hits) < {n for n in range(20_000) if drawn("2026", n, 10)}
    assert [n for n in range(9) if drawn("x", n, 0)] == []


def test_numbers_of_bodies_are_apart_from_those_of_providers(scene: Scene) -> None:
    assert all(body.pk >= 1_000_000_000 for body in scene.bodies)
    assert all(b.pk - a.pk == 1 for a, b in pairwise(scene.bodies))
