"""Checking in, recording, checking out."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from songbai.core import clock
from songbai.domain.visits.models import Visit, VisitStep
from songbai.domain.visits.queries import asked_steps
from songbai.domain.visits.rules import VisitState
from songbai.web.rooms.visits.tests.conftest import planned, scanned
from tests.acts import written
from tests.cast import Cast
from tests.doors import signed_in

pytestmark = pytest.mark.long

IN, OUT, STEP = "caregiver:check_in", "caregiver:check_out", "caregiver:step"
HTMX = {"HX-Request": "true"}


def begun(cast: Cast, caregiver: Client) -> Visit:
    """A visit that has just begun."""
    caregiver.post(reverse(IN, args=[planned(cast).pk]), scanned(cast))
    return Visit.objects.get()


def test_scanning_at_the_door_begins_the_visit(cast: Cast, caregiver: Client) -> None:
    visit = begun(cast, caregiver)
    assert visit.in_scanned
    text = caregiver.get(reverse("caregiver:day")).content.decode()
    assert "扫码，0 米" in text
    assert "扫码签退" in text


def test_the_same_record_twice_is_one_visit(cast: Cast, caregiver: Client) -> None:
    url, sent = reverse(IN, args=[planned(cast).pk]), scanned(cast)
    assert [caregiver.post(url, sent).status_code for _ in range(2)] == [302, 302]
    assert Visit.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"code": ""}, "没有扫码"),
        ({"longitude": "", "latitude": ""}, "没有定位"),
        ({"longitude": "nan", "latitude": "1e999"}, "没有定位"),
        ({"longitude": "106.2"}, "离家太远"),
        ({"code": "https://example.org/d/elsewhere"}, "这个码不是这位老人的"),
    ],
)
def test_what_is_doubtful_is_asked_for_and_nothing_is_lost(
    cast: Cast, caregiver: Client, changes: dict[str, str], words: str
) -> None:
    sent = scanned(cast, **changes)
    reply = caregiver.post(reverse(IN, args=[planned(cast).pk]), sent)
    text = reply.content.decode()
    assert reply.status_code == 409
    assert words in text
    assert sent["record"] in text
    assert f'value="{sent["code"]}"' in text
    assert f'name="longitude" value="{sent["longitude"]}"' in text
    assert not Visit.objects.exists()


def test_with_a_reason_the_doubtful_is_taken(cast: Cast, caregiver: Client) -> None:
    sent = scanned(cast, code="", reason="门口的码掉了")
    caregiver.post(reverse(IN, args=[planned(cast).pk]), sent)
    assert Visit.objects.get().in_reason == "门口的码掉了"


def test_the_day_before_is_too_early(cast: Cast, caregiver: Client) -> None:
    reply = caregiver.post(reverse(IN, args=[planned(cast, days=1).pk]), scanned(cast))
    assert reply.status_code == 409
    assert "还没到上门的日子" in reply.content.decode()


@pytest.mark.parametrize("device_time", ["", "yesterday", "2026-01-01T10:00:00"])
def test_a_phone_without_a_clock_is_believed_on_arrival(
    cast: Cast, caregiver: Client, device_time: str
) -> None:
    url = reverse(IN, args=[planned(cast).pk])
    caregiver.post(url, scanned(cast, device_time=device_time))
    visit = Visit.objects.get()
    assert visit.in_at == visit.in_received


def test_a_tap_records_a_step_and_a_second_takes_it_back(cast: Cast, caregiver: Client) -> None:
    visit = begun(cast, caregiver)
    plain = next(step for step in asked_steps(visit) if not step.measure)
    url = reverse(STEP, args=[visit.pk])
    text = caregiver.post(url, {"code": plain.code, "done": "1"}, headers=HTMX).content.decode()
    assert "checked" in text
    assert f"记录 1 / {len(asked_steps(visit))}" in text
    caregiver.post(url, {"code": plain.code}, headers=HTMX)
    assert not VisitStep.objects.get().done


def test_a_measured_step_is_done_when_it_has_a_value(cast: Cast, caregiver: Client) -> None:
    visit = begun(cast, caregiver)
    measured = next(step for step in asked_steps(visit) if step.measure)
    url = reverse(STEP, args=[visit.pk])
    for value, done in (("128/76 mmHg", True), ("", False)):
        caregiver.post(url, {"code": measured.code, "value": value, "done": "1"}, headers=HTMX)
        step = VisitStep.objects.get()
        assert (step.value, step.done) == (value, done)


def test_a_step_without_scripts_leads_back_to_the_day(cast: Cast, caregiver: Client) -> None:
    visit = begun(cast, caregiver)
    code = asked_steps(visit)[-1].code
    reply = caregiver.post(reverse(STEP, args=[visit.pk]), {"code": code, "done": "1"})
    assert reply.headers["Location"] == reverse("caregiver:day")


def test_an_unknown_step_is_refused(cast: Cast, caregiver: Client) -> None:
    visit = begun(cast, caregiver)
    reply = caregiver.post(reverse(STEP, args=[visit.pk]), {"code": "X.y", "done": "1"})
    assert reply.status_code == 409
    assert not VisitStep.objects.exists()


def test_leaving_early_names_what_is_missing_and_takes_a_reason(
    cast: Cast, caregiver: Client
) -> None:
    visit = begun(cast, caregiver)
    missing = next(step.name for step in asked_steps(visit) if step.required)
    assert missing in caregiver.get(reverse("caregiver:day")).content.decode()
    url = reverse(OUT, args=[visit.pk])
    reply = caregiver.post(url, scanned(cast))
    assert reply.status_code == 409
    assert f"还没做：{missing}" in reply.content.decode()
    caregiver.post(url, scanned(cast, reason="老人要休息"))
    visit.refresh_from_db()
    assert (visit.state, visit.out_reason) == (VisitState.CHECKED_OUT, "老人要休息")


def test_a_whole_visit_ends_without_a_question(cast: Cast, caregiver: Client) -> None:
    visit = begun(cast, caregiver)
    for step in asked_steps(visit):
        sent = {"code": step.code, "done": "1", "value": written(step)}
        caregiver.post(reverse(STEP, args=[visit.pk]), sent, headers=HTMX)
    with clock.moved_to(clock.now() + timedelta(minutes=visit.order.minutes)):
        reply = caregiver.post(reverse(OUT, args=[visit.pk]), scanned(cast))
        text = caregiver.get(reverse("caregiver:day")).content.decode()
    assert reply.status_code == 302
    assert "去过了 1 单" in text
    after = caregiver.post(reverse(STEP, args=[visit.pk]), {"code": step.code}, headers=HTMX)
    assert after.status_code == 409
    assert "已经签退" in after.content.decode()


@pytest.mark.parametrize("who", ["other_caregiver", "stranger", "daughter"])
def test_nobody_else_can_do_any_of_it(cast: Cast, caregiver: Client, who: str) -> None:
    assignment = planned(cast)
    caregiver.post(reverse(IN, args=[assignment.pk]), scanned(cast))
    visit = Visit.objects.get()
    other = Client() if who == "stranger" else signed_in(getattr(cast, who))
    expected = {"other_caregiver": 404, "stranger": 302, "daughter": 403}[who]
    urls = [reverse(IN, args=[assignment.pk]), *(reverse(n, args=[visit.pk]) for n in (STEP, OUT))]
    for url in urls:
        reply = other.post(url, {**scanned(cast), "code": "A05-01.x"})
        assert reply.status_code == expected
        assert cast.mother.name not in reply.content.decode()
    assert Visit.objects.get().state == VisitState.SERVING


def test_records_are_not_made_by_a_link(cast: Cast, caregiver: Client) -> None:
    assert caregiver.get(reverse(IN, args=[planned(cast).pk])).status_code == 405
