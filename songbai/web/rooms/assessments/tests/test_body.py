"""The manager of a body: who goes, when, with which certificate."""

from datetime import timedelta

import pytest
from django.test import Client

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.errors import NotAllowed
from songbai.domain.assessments import actions
from songbai.domain.assessments.declares import ASSESSOR, BODY
from songbai.domain.assessments.models import Assessment, Assessor
from songbai.domain.assessments.queries import my_sheets
from songbai.domain.assessments.tests.scene import Scene, asked, team
from songbai.domain.elders.queries import show_plain
from tests.cast import acting, make_account, tomorrow
from tests.doors import signed_in


def third(scene: Scene, *, medical: bool = True) -> tuple[Actor, Assessor]:
    """One more assessor of the first body."""
    actor = make_account("评估员三", ASSESSOR)
    assessor = actions.register_assessor(
        SYSTEM,
        scene.bodies[0],
        name=actor.name,
        number=f"P{actor.account}",
        medical=medical,
        certificate="能力评估师",
        certificate_until=clock.today() + timedelta(days=700),
        account=Account.objects.get(pk=actor.account),
    )
    return actor, assessor


@pytest.fixture
def found(scene: Scene) -> Assessment:
    return actions.assign(SYSTEM, asked(scene.cast).pk, scene.bodies[0].pk)


@pytest.fixture
def desk(scene: Scene) -> Client:
    return signed_in(scene.manager)


def test_requests_are_listed_with_masked_names_and_certificates(
    scene: Scene, found: Assessment, desk: Client
) -> None:
    page = desk.get("/assessor/body/").content.decode()
    assert ("王*英" in page, "王桂英" in page) == (True, False)
    assert "待约时间 1 件" in page
    assert f"证到 {scene.assessors[0][0].certificate_until}" in page


def test_another_team_goes_and_the_one_who_stays_home_sees_nothing_more(
    scene: Scene, found: Assessment, desk: Client
) -> None:
    actor, assessor = third(scene)
    [(first, _), (second, kept)] = team(scene, found)
    url = f"/assessor/body/assessments/{found.pk}/team/"
    assert desk.post(url, {"assessor": [assessor.pk, kept.assessor_id]}).status_code == 302
    with acting(actor):
        assert [sheet.elder_id for sheet in my_sheets(actor)] == [found.elder_id]
    with acting(first):
        assert list(my_sheets(first)) == []
    with pytest.raises(NotAllowed):
        show_plain(first, scene.cast.mother, fields=["phone"], purpose="上门评估", where="/")
    with acting(second):
        assert my_sheets(second).count() == 1


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_team_is_two(scene: Scene, found: Assessment, desk: Client, count: int) -> None:
    third(scene)
    ids = list(Assessor.objects.filter(body=scene.bodies[0]).values_list("pk", flat=True))[:count]
    reply = desk.post(f"/assessor/body/assessments/{found.pk}/team/", {"assessor": ids})
    assert (reply.status_code, "选" in reply.content.decode()) == (409, True)


def test_somebody_of_another_body_or_without_medical_training_does_not_do(
    scene: Scene, found: Assessment, desk: Client
) -> None:
    _, lay = third(scene, medical=False)
    own = scene.assessors[0]
    url = f"/assessor/body/assessments/{found.pk}/team/"
    for pair in ([own[0].pk, scene.assessors[1][1].pk], [own[1].pk, lay.pk]):
        assert desk.post(url, {"assessor": pair}).status_code == 409


def test_a_declared_interest_is_seen_by_the_manager_who_chooses(
    scene: Scene, found: Assessment, desk: Client
) -> None:
    _, assessor = third(scene)
    actions.recuse(SYSTEM, assessor, scene.cast.mother, "邻居")
    url = f"/assessor/body/assessments/{found.pk}/team/"
    reply = desk.post(url, {"assessor": [assessor.pk, scene.assessors[0][1].pk]})
    assert (reply.status_code, "利害关系" in reply.content.decode()) == (409, True)


def test_a_visit_is_booked_and_begun_ones_are_not_changed(
    scene: Scene, found: Assessment, desk: Client
) -> None:
    url = f"/assessor/body/assessments/{found.pk}/book/"
    when = {"day": tomorrow(9).date().isoformat(), "time": "09:00", "minutes": "90"}
    assert desk.post(url, when).status_code == 302
    _, assessor = third(scene)
    pair = {"assessor": [assessor.pk, scene.assessors[0][1].pk]}
    assert desk.post(f"/assessor/body/assessments/{found.pk}/team/", pair).status_code == 302
    sheets = found.sheets.filter(active=True)
    assert {sheet.during.lower for sheet in sheets} == {tomorrow(9)}
    Assessment.objects.filter(pk=found.pk).update(state="under_way")
    assert desk.post(f"/assessor/body/assessments/{found.pk}/team/", pair).status_code == 409


def test_the_manager_of_another_body_finds_nothing(scene: Scene, found: Assessment) -> None:
    other = make_account("别家", BODY, organisation=scene.bodies[1].pk)
    desk = signed_in(other)
    assert "王*英" not in desk.get("/assessor/body/").content.decode()
    base = f"/assessor/body/assessments/{found.pk}/"
    assert desk.get(base).status_code == 404
    assert {desk.post(f"{base}{what}/").status_code for what in ("team", "book")} == {404}


def test_assessors_do_not_enter_the_managers_pages_nor_the_other_way(
    scene: Scene, found: Assessment, desk: Client
) -> None:
    assert signed_in(scene.actors[0][0]).get("/assessor/body/").status_code == 403
    assert desk.get("/assessor/").status_code == 403
