"""The form, and what devices send: once, late, garbled, from two devices, by strangers."""

import json
import uuid
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from songbai.domain.assessments import actions
from songbai.domain.assessments.models import AssessorAnswers, Tap
from songbai.domain.assessments.rules.process import State
from songbai.domain.assessments.tests.forms import GBT, best
from songbai.domain.assessments.tests.scene import NOTHING_TO_REPORT, Scene, booked, sent, team
from tests.cast import acting, tomorrow
from tests.doors import signed_in

pytestmark = pytest.mark.long


def sheet_and_phone(scene: Scene) -> tuple[AssessorAnswers, Client]:
    [(actor, sheet), *_] = team(scene, booked(scene))
    return sheet, signed_in(actor)


def tap(item: str, value: Any, **changes: Any) -> dict[str, Any]:
    return {
        "record": str(uuid.uuid4()),
        "item": item,
        "value": value,
        "device": "one",
        "at": tomorrow(9).isoformat(),
        "replaces": [],
        **changes,
    }


def post(client: Client, sheet: AssessorAnswers, what: str, body: Any) -> HttpResponse:
    url = f"/assessor/sheets/{sheet.pk}/{what}/"
    reply: HttpResponse = client.post(url, body, content_type="application/json")  # type: ignore[assignment]  # django-stubs: the test client's own class
    return reply


def test_the_form_has_every_item_with_its_wording(scene: Scene) -> None:
    sheet, phone = sheet_and_phone(scene)
    page = phone.get(f"/assessor/sheets/{sheet.pk}/").content.decode()
    for item in GBT.items.values():
        assert all(option.text in page for option in item.options), item.code
    assert all(f'data-code="{code}"' in page for code in GBT.fields)
    assert "未核实" in page


def test_answers_sent_twice_are_kept_once_with_their_own_time(scene: Scene) -> None:
    sheet, phone = sheet_and_phone(scene)
    given = [tap(code, value) for code, value in best().items()]
    for _ in range(2):
        told = post(phone, sheet, "taps", {"taps": given})
    assert json.loads(told.content)["kept"] == [one["record"] for one in given]
    assert set(Tap.objects.values_list("at", flat=True)) == {tomorrow(9)}
    assert Tap.objects.count() == len(given)


def test_two_devices_are_told_what_the_other_said(scene: Scene) -> None:
    sheet, phone = sheet_and_phone(scene)
    post(phone, sheet, "taps", {"taps": [tap("B.1.1", 4)]})
    told = json.loads(post(phone, sheet, "taps", {"taps": [tap("B.1.1", 2, device="two")]}).content)
    assert {one["value"] for one in told["questions"]["B.1.1"]} == {4, 2}
    settled = tap("B.1.1", 2, replaces=told["heads"]["B.1.1"])
    after = json.loads(post(phone, sheet, "taps", {"taps": [settled]}).content)
    assert (after["questions"], after["answers"]) == ({}, {"B.1.1": 2})


def test_garbage_is_refused_in_words_and_nothing_is_kept(scene: Scene) -> None:
    sheet, phone = sheet_and_phone(scene)
    bad: list[Any] = [
        "{",
        "[]",
        {"taps": [tap("B.1.1", 4, record="x")]},
        {"taps": [tap("B.1.1", 4, at="2026-11-22T09:00:00")]},
        {"taps": [tap("A.4.2", "a\x00b")]},
        {"taps": [tap("B.1.1", 4, device="x" * 41)]},
        {"taps": [tap("B.1.1", 4) for _ in range(201)]},
    ]
    for body in bad:
        reply = post(phone, sheet, "taps", body)
        assert reply.status_code == 409
        assert "读不懂" in json.loads(reply.content)["message"]
    assert Tap.objects.count() == 0


def test_an_impossible_answer_comes_back_by_its_record(scene: Scene) -> None:
    sheet, phone = sheet_and_phone(scene)
    wrong = tap("B.1.1", 9)
    told = json.loads(post(phone, sheet, "taps", {"taps": [wrong, tap("B.1.2", 1)]}).content)
    assert [one["record"] for one in told["refused"]] == [wrong["record"]]
    assert told["answers"] == {"B.1.2": 1}


def test_handing_in_names_what_is_missing_and_then_takes_the_devices_time(scene: Scene) -> None:
    sheet, phone = sheet_and_phone(scene)
    post(phone, sheet, "taps", {"taps": [tap(code, value) for code, value in best().items()]})
    end = {"at": tomorrow(9, 40).isoformat()}
    early = post(phone, sheet, "finish", end)
    asked = {one["item"] for one in json.loads(early.content)["problems"]}
    assert (early.status_code, asked) == (409, set(NOTHING_TO_REPORT))
    rest = [tap(code, value) for code, value in NOTHING_TO_REPORT.items()]
    post(phone, sheet, "taps", {"taps": rest})
    assert post(phone, sheet, "finish", end).status_code == 200
    sheet.refresh_from_db()
    assert (sheet.started_at, sheet.finished_at) == (tomorrow(9), tomorrow(9, 40))


def test_a_stopped_assessment_takes_nothing_and_says_so(scene: Scene) -> None:
    sheet, phone = sheet_and_phone(scene)
    actor = team(scene, sheet.assessment)[0][0]
    with acting(actor):
        actions.stop(actor, sheet.assessment_id, "住院")
    reply = post(phone, sheet, "taps", {"taps": [tap("B.1.1", 4)]})
    assert reply.status_code == 409
    assert "暂停" in json.loads(reply.content)["message"]


def test_another_assessors_sheet_is_nowhere_to_be_found(scene: Scene) -> None:
    sheet, phone = sheet_and_phone(scene)
    partner = signed_in(team(scene, sheet.assessment)[1][0])
    stranger = signed_in(scene.actors[1 if sheet.body_id == scene.bodies[0].pk else 0][0])
    for other in (partner, stranger):
        assert other.get(f"/assessor/sheets/{sheet.pk}/").status_code == 404
        assert post(other, sheet, "taps", {"taps": [tap("B.1.1", 4)]}).status_code == 404
        assert post(other, sheet, "finish", {"at": tomorrow(9).isoformat()}).status_code == 404
    assert Tap.objects.count() == 0
    assert phone.get(f"/assessor/sheets/{sheet.pk}/taps/").status_code == 200


def test_the_list_shows_name_and_address_only_when_the_visit_is_near(scene: Scene) -> None:
    found = sent(scene)
    [(actor, _), *_] = team(scene, found)
    page = signed_in(actor).get("/assessor/").content.decode()
    assert ("王*英" in page, "王桂英" in page, "幸福路 8 号" in page) == (True, False, False)
    with acting(scene.cast.officer):
        actions.book(scene.cast.officer, found.pk, tomorrow(9))
    page = signed_in(actor).get("/assessor/").content.decode()
    assert ("王桂英" in page, "幸福路 8 号" in page) == (True, True)


def test_a_time_is_agreed_on_the_phone_and_a_past_one_refused(scene: Scene) -> None:
    found = sent(scene)
    [(actor, sheet), *_] = team(scene, found)
    phone = signed_in(actor)
    url = f"/assessor/assessments/{found.pk}/book/"
    day = tomorrow(9).date().isoformat()
    past = phone.post(url, {"day": "2020-01-01", "time": "09:00", "minutes": "90"})
    assert (past.status_code, "已经过了" in past.content.decode()) == (409, True)
    assert phone.post(url, {"day": day, "time": "9点", "minutes": "90"}).status_code == 409
    assert phone.post(url, {"day": day, "time": "09:30", "minutes": "60"}).status_code == 302
    sheet.refresh_from_db()
    assert sheet.during.lower == tomorrow(9, 30)


def test_stopping_and_going_on(scene: Scene) -> None:
    sheet, phone = sheet_and_phone(scene)
    base = f"/assessor/assessments/{sheet.assessment_id}/"
    assert phone.post(f"{base}stop/", {"reason": ""}).status_code == 409
    assert phone.post(f"{base}stop/", {"reason": "老人累了"}).status_code == 302
    assert "老人累了" in phone.get(base).content.decode()
    assert phone.post(f"{base}go-on/").status_code == 302
    sheet.assessment.refresh_from_db()
    assert (sheet.assessment.stopped_at, sheet.assessment.state) == (None, State.BOOKED)


def test_the_worker_is_served_for_this_door_only(scene: Scene) -> None:
    reply = signed_in(scene.actors[0][0]).get("/assessor/worker.js")
    assert reply["Content-Type"].startswith("text/javascript")
    assert "Service-Worker-Allowed" not in reply
