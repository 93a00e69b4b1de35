"""Reporting from the door, and what desk, office and caregiver see of it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.dispatch.models import Assignment
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.domain.elders.actions.turning import follow_turns
from songbai.domain.elders.models import Followed, Proxy
from songbai.domain.visits.models import Report
from songbai.web.rooms.visits.caregiver.sheet import place_words
from tests.acts import begun
from tests.cast import Cast
from tests.doors import signed_in

from .conftest import planned, scanned

pytestmark = pytest.mark.long

DAY = "caregiver:day"


def reported(caregiver: Client, sent: Assignment, kind: str, note: str = "") -> None:
    url = reverse("caregiver:report", args=[sent.pk])
    with clock.moved_to(sent.starts_at):
        reply = caregiver.post(url, {"kind": kind, "note": note}, follow=True)
    assert "报给调度了，家属打开页面会看到" in reply.content.decode()


def test_nobody_opens(cast: Cast, caregiver: Client) -> None:
    sent = planned(cast)
    reported(caregiver, sent, "no_answer", "灯亮着")
    assert "报了没人开门，等调度回话" in caregiver.get(reverse(DAY)).content.decode()
    desk = signed_in(cast.dispatcher)
    page = desk.get(reverse("desk:reports")).content.decode()
    for words in ("没人开门：王*英", "李芳", "灯亮着"):
        assert words in page
    assert "门口的事 <b>1</b>" in desk.get(reverse("desk:overview")).content.decode()
    office = signed_in(cast.officer)
    assert "1 次上门没人开门或老人不舒服" in office.get(reverse("bureau:overview")).content.decode()
    url = reverse("desk:report_seen", args=[Report.objects.get().pk])
    assert desk.post(url, {"outcome": "好"}).status_code == 422
    desk.post(url, {"outcome": "女儿说在邻居家"})
    assert "没有要处理的" in desk.get(reverse("desk:reports")).content.decode()
    home = signed_in(cast.daughter).get(reverse("family:order", args=[sent.order_id]))
    assert "没人开门的事处理了：女儿说在邻居家" in home.content.decode()


def test_the_familys_first_page_begins_with_what_waits(cast: Cast, caregiver: Client) -> None:
    sent, family = planned(cast), signed_in(cast.daughter)
    reported(caregiver, sent, "no_answer", "灯亮着")
    text = family.get(reverse("family:home")).content.decode()
    assert "护理员李芳报：没人开门" in text
    assert "灯亮着" in text
    assert text.index("报：没人开门") < text.index('id="now-title"')
    signed_in(cast.dispatcher).post(
        reverse("desk:report_seen", args=[Report.objects.get().pk]), {"outcome": "在邻居家"}
    )
    assert "报：没人开门" not in family.get(reverse("family:home")).content.decode()


def test_who_has_no_family_is_told_so(cast: Cast, caregiver: Client) -> None:
    sent = planned(cast)
    Proxy.objects.filter(elder=cast.mother).delete()
    url = reverse("caregiver:report", args=[sent.pk])
    reply = caregiver.post(url, {"kind": "unwell", "where": "phone"}, follow=True)
    assert "老人没有登记家属，家里没有人收到" in reply.content.decode()


def test_nobody_opens_is_not_offered_long_before(cast: Cast, caregiver: Client) -> None:
    sent = planned(cast)
    with clock.moved_to(max(sent.starts_at - timedelta(minutes=31), clock.now())):
        early = clock.now() < sent.starts_at - timedelta(minutes=30)
        text = caregiver.get(reverse(DAY)).content.decode()
        assert ('value="no_answer"' in text) != early


def test_who_is_not_there_yet_is_asked_where_she_is(cast: Cast, caregiver: Client) -> None:
    url = reverse("caregiver:report", args=[planned(cast).pk])
    assert caregiver.get(reverse(DAY)).content.decode().count('name="where"') == 2
    asked = caregiver.post(url, {"kind": "unwell"})
    assert asked.status_code == 409
    assert "请选您在哪里" in asked.content.decode()
    page = caregiver.post(url, {"kind": "unwell", "where": "phone"}, follow=True)
    assert "调度在找家里和附近的人去看" in page.content.decode()


VILLAGE = "巴川街道东方社区"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("12 幢 5-3", f"{VILLAGE} 12 幢 5-3"),
        (f"铜梁{VILLAGE}12 幢 5-3", f"铜梁{VILLAGE}12 幢 5-3"),
        ("", VILLAGE),
    ],
)
def test_an_address_names_its_place_once(address: str, shown: str) -> None:
    assert place_words(VILLAGE, address) == shown


def test_the_elder_is_unwell(cast: Cast, caregiver: Client) -> None:
    sent = planned(cast)
    with clock.moved_to(sent.starts_at):
        caregiver.post(reverse("caregiver:check_in", args=[sent.pk]), scanned(cast))
        reported(caregiver, sent, "unwell", "头晕")
        page = caregiver.get(reverse(DAY)).content.decode()
    assert "先停手，守着老人" in page
    assert page.count('href="tel:120"') >= 2
    office = signed_in(cast.officer)
    url = reverse("bureau:report_seen", args=[sent.order_id, Report.objects.get().pk])
    assert office.post(url, {"outcome": "送医院了，家里在"}).status_code == 302
    text = office.get(reverse("bureau:order", args=[sent.order_id])).content.decode()
    assert "处理了：送医院了，家里在" in text


def test_tomorrow_opens_with_what_is_to_be_done(cast: Cast, caregiver: Client) -> None:
    sent = planned(cast, days=1)
    asked = {"date": str(clock.today() + timedelta(days=1))}
    page = caregiver.get(reverse(DAY), asked).content.decode()
    assert "王桂英" in page
    assert f"要做 {len(cast.bath.item.steps)} 步，{sent.order.minutes} 分钟" in page


def test_the_fortnight_says_when_she_works_and_how_often(cast: Cast, caregiver: Client) -> None:
    planned(cast, days=3)
    page = caregiver.get(reverse("caregiver:fortnight")).content.decode()
    assert page.count("上班 7:00–19:00") == 14
    assert page.count("看 1 单") == 1


def test_last_months_hours_are_there(cast: Cast, caregiver: Client) -> None:
    sent = planned(cast)
    with clock.moved_to(sent.starts_at):
        caregiver.post(reverse("caregiver:check_in", args=[sent.pk]), scanned(cast))
    visit = sent.__class__.objects.get(pk=sent.pk).visit
    end = sent.starts_at + timedelta(minutes=95, seconds=30)
    with clock.moved_to(end):
        sign = scanned(cast, reason="老人不想做后面几步")
        caregiver.post(reverse("caregiver:check_out", args=[visit.pk]), sign)
    month = clock.month_of(sent.starts_at)
    with clock.moved_to(end + timedelta(days=31)):
        page = caregiver.get(reverse("caregiver:hours"), {"month": month}).content.decode()
    assert "上门 1 次，共 1 小时 35 分" in page


def test_after_the_day_she_sees_her_visit_and_not_the_elder(cast: Cast, caregiver: Client) -> None:
    sent = planned(cast)
    correction = reverse("caregiver:correction", args=[cast.mother.pk])
    assert caregiver.get(correction).status_code == 200
    with clock.moved_to(sent.starts_at + timedelta(days=1)):
        later = signed_in(cast.caregiver)
        page = later.get(reverse(DAY), {"date": str(clock.today() - timedelta(days=1))})
        assert later.get(correction).status_code == 404
    text = page.content.decode()
    assert "王*英" in text
    for hidden in ("王桂英", "青霉素过敏", "听力不好", "幸福路"):
        assert hidden not in text


def test_a_death_reported_while_she_is_in_the_house_is_on_her_phone_and_at_the_desk(
    cast: Cast, caregiver: Client
) -> None:
    visit = begun(cast)
    day = str(clock.today() - timedelta(days=1))
    record_facts(SYSTEM, cast.mother, [NewFact("death", day)], source="gongan")
    follow_turns(SYSTEM)
    told = caregiver.get(reverse(DAY), {"date": f"{visit.assignment.starts_at:%Y-%m-%d}"})
    assert "刚才有人登记这位老人去世了" in told.content.decode()
    desk = signed_in(cast.dispatcher)
    assert "门口的事 <b>1</b>" in desk.get(reverse("desk:overview")).content.decode()
    page = desk.get(reverse("desk:reports")).content.decode()
    assert "登记去世，护理员还在家里" in page
    assert "李芳" in page
    seen = reverse("desk:asked_seen", args=[Followed.objects.get(state="to_do").pk])
    assert desk.post(seen, {"note": ""}).status_code == 409
    desk.post(seen, {"note": "老人好好的，登记错了"})
    assert "没有要处理的" in desk.get(reverse("desk:reports")).content.decode()
    family = signed_in(cast.daughter).get(reverse("family:order", args=[visit.order_id]))
    assert "没人开门" not in family.content.decode()
