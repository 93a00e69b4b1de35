"""The switch on the caregiver's page, and what her phone then sends."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from songbai.core import clock
from songbai.domain.dispatch.models import Assignment, Position
from songbai.web.rooms.visits.tests.conftest import planned
from tests.cast import HOME, Cast
from tests.doors import signed_in

pytestmark = pytest.mark.long

DAY, SWITCH, SEND = "caregiver:day", "caregiver:sharing", "caregiver:position"


def sent(**changes: str) -> dict[str, str]:
    """What the phone sends from Mrs Wang's door."""
    return {
        "longitude": str(HOME.longitude),
        "latitude": str(HOME.latitude),
        "accuracy": "25.5",
        "device_time": clock.now().isoformat(),
        **changes,
    }


@pytest.fixture
def sharing(cast: Cast, caregiver: Client) -> Client:
    """Li Fang's phone on a day with a visit, switched on."""
    planned(cast)
    caregiver.post(reverse(SWITCH), {"shared": "1"})
    return caregiver


def page(caregiver: Client) -> str:
    return caregiver.get(reverse(DAY)).content.decode()


def test_it_is_off_until_she_switches_it_on(cast: Cast, caregiver: Client) -> None:
    planned(cast)
    text = page(caregiver)
    for words in (
        'role="switch" class="sb-switch" aria-checked="false"',
        "上班时让调度看到我的位置",
        "关着，谁也看不到",
        "只留最后一个位置，当天夜里删掉",
    ):
        assert words in text
    assert "data-position=" not in text
    assert not Position.objects.exists()


def test_switched_on_it_is_remembered_and_the_page_sends_until_the_shift_ends(
    cast: Cast, sharing: Client
) -> None:
    text = page(signed_in(cast.caregiver))
    assert 'aria-checked="true"' in text
    assert "开着，<span data-position-last>还没有发过。</span>" in text
    assert f'data-position="{reverse(SEND)}"' in text
    assert f'data-position-until="{clock.at(clock.today(), 19).isoformat()}"' in text


@pytest.mark.parametrize("hour", [6, 20])
def test_outside_her_shift_the_page_does_not_send(cast: Cast, sharing: Client, hour: int) -> None:
    with clock.moved_to(clock.at(clock.today(), hour)):
        text = page(sharing)
    assert "开着，现在不发" in text
    assert "data-position=" not in text


def test_with_nobody_left_to_visit_the_page_does_not_send(cast: Cast, sharing: Client) -> None:
    Assignment.objects.update(ended_at=clock.now())
    assert "data-position=" not in page(sharing)


def test_the_switch_is_on_todays_page_only(cast: Cast, sharing: Client) -> None:
    tomorrow = clock.today() + timedelta(days=1)
    text = sharing.get(reverse(DAY), {"date": str(tomorrow)}).content.decode()
    assert "sb-switch" not in text


def test_what_is_sent_is_kept_and_shown_to_her(cast: Cast, sharing: Client) -> None:
    assert sharing.post(reverse(SEND), sent()).status_code == 204
    row = Position.objects.get()
    assert (row.staff, row.longitude, row.accuracy) == (cast.staff, HOME.longitude, 25.5)
    assert "8:00 发过一次" in page(sharing)


def test_switched_off_it_is_gone(cast: Cast, sharing: Client) -> None:
    sharing.post(reverse(SEND), sent())
    reply = sharing.post(reverse(SWITCH), {"shared": "0"})
    assert reply.headers["Location"] == f"{reverse(DAY)}#position"
    assert Position.objects.get().longitude is None
    assert 'aria-checked="false"' in page(sharing)


@pytest.mark.parametrize(
    "changes",
    [
        {"longitude": ""},
        {"longitude": "nan"},
        {"latitude": "91"},
        {"longitude": "1e999"},
        {"latitude": "这里"},
        {"accuracy": "很准"},
        {"device_time": "now"},
        {"device_time": "2026-01-01T10:00:00"},
    ],
)
def test_what_is_no_position_is_refused_in_words(
    cast: Cast, sharing: Client, changes: dict[str, str]
) -> None:
    reply = sharing.post(reverse(SEND), sent(**changes))
    assert (reply.status_code, reply.content.decode()) == (400, "没有收到位置。")
    assert Position.objects.get().at is None


@pytest.mark.parametrize("accuracy", ["nan", "inf", "-3", "5000"])
def test_a_position_good_for_nothing_does_no_harm(
    cast: Cast, sharing: Client, accuracy: str
) -> None:
    assert sharing.post(reverse(SEND), sent(accuracy=accuracy)).status_code == 204
    assert Position.objects.get().at is None


def test_after_the_shift_it_is_refused_in_words(cast: Cast, sharing: Client) -> None:
    with clock.moved_to(clock.at(clock.today(), 19, 1)):
        reply = sharing.post(reverse(SEND), sent())
    assert reply.status_code == 409
    assert "不是您上班的时间" in reply.content.decode()


def test_who_has_not_switched_it_on_is_not_taken(cast: Cast, caregiver: Client) -> None:
    planned(cast)
    assert caregiver.post(reverse(SEND), sent()).status_code == 409
    assert not Position.objects.exists()


def test_sent_in_a_flood_it_does_no_harm(cast: Cast, sharing: Client) -> None:
    assert {sharing.post(reverse(SEND), sent()).status_code for _ in range(10)} == {204}


@pytest.mark.parametrize(("who", "status"), [("other_caregiver", 409), ("daughter", 403)])
def test_nobody_sends_for_her(cast: Cast, sharing: Client, who: str, status: int) -> None:
    other = signed_in(getattr(cast, who))
    assert other.post(reverse(SEND), sent(staff=str(cast.staff.pk))).status_code == status
    other.post(reverse(SWITCH), {"shared": "0"})
    row = Position.objects.get(staff=cast.staff)
    assert (row.shared, row.at) == (True, None)


def test_a_stranger_is_asked_to_log_in(cast: Cast, client: Client) -> None:
    for name in (SEND, SWITCH):
        assert client.post(reverse(name), sent()).status_code == 302
        assert client.get(reverse(name)).status_code in {302, 405}
