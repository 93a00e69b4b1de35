"""Assessments at the office: lists, one assessment, asking, the letter, and who may not."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.audit.models import Read
from songbai.domain.assessments.models import Assessment, Body, Outlier
from songbai.domain.assessments.tests.forms import best
from songbai.domain.assessments.tests.scene import (
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
)
from tests.cast import Cast, tomorrow
from tests.doors import LogIn

pytestmark = pytest.mark.long

GBT = "gbt42195-2022"
IN_TWO_YEARS = str(clock.today() + timedelta(days=700))
SECRETS = ("王桂英", "王敏", "幸福路", "500190194205061024")


@pytest.fixture
def scene(cast: Cast) -> Scene:
    """Two bodies with two assessors each."""
    return make_scene(cast)


@pytest.fixture
def office(cast: Cast, log_in: LogIn) -> Client:
    """The officer of the district."""
    return log_in(cast.officer)


def shown(client: Client, name: str, *args: object, **query: str) -> str:
    reply = client.get(reverse(name, args=args), query)
    assert reply.status_code == 200, (name, reply.status_code)
    return reply.content.decode()


def act(client: Client, found: Assessment, **sent_: object) -> tuple[int, str]:
    reply = client.post(reverse("bureau:assessment", args=[found.pk]), sent_, follow=True)
    return reply.status_code, reply.content.decode()


@pytest.mark.parametrize("show", ["assign", "book", "booked", "told"])
def test_each_list_holds_what_stands_there(scene: Scene, office: Client, show: str) -> None:
    made = {"assign": lambda s: asked(s.cast), "book": sent, "booked": booked, "told": concluded}
    made[show](scene)
    text = shown(office, "bureau:assessments", show=show)
    assert "王*英" in text
    assert not [secret for secret in SECRETS if secret in text]


def test_the_list_opens_where_something_waits(scene: Scene, office: Client) -> None:
    sent(scene)
    assert "王*英" in shown(office, "bureau:assessments")


def test_an_officer_assigns_books_and_stops(scene: Scene, office: Client) -> None:
    found = asked(scene.cast)
    assert "已分派" in act(office, found, act="assign", body="")[1]
    day = tomorrow(9).astimezone(clock.SHANGHAI)
    assert "约好了" in act(office, found, act="book", date=f"{day:%Y-%m-%d}", time="09:00")[1]
    code, text = act(office, found, act="stop", reason="")
    assert (code, "请写明为什么暂停" in text) == (422, True)
    assert "已暂停" in act(office, found, act="stop", reason="住院")[1]
    assert "已恢复" in act(office, found, act="go_on")[1]


@pytest.mark.parametrize("sent_", [{"act": "book"}, {"act": "x"}, {}, {"act": "make_final"}])
def test_what_cannot_be_done_is_said_in_words(
    scene: Scene, office: Client, sent_: dict[str, str]
) -> None:
    code, text = act(office, sent(scene), **sent_)
    assert code == 422
    assert 'role="alert"' in text


def test_differences_stand_beside_each_other(scene: Scene, office: Client) -> None:
    one = {**best(), **NOTHING_TO_REPORT}
    found = filled(scene, None, one, {**one, "B.1.1": 2})
    text = shown(office, "bureau:assessment", found.pk)
    assert "有 1 项不一致" in text
    assert text.count('is-warn">不一致') == 1


def test_the_result_is_explained_line_by_line(scene: Scene, office: Client) -> None:
    ill = {**best(), **NOTHING_TO_REPORT, "A.4.1": ["F00"]}
    found = concluded(scene, signed(scene, filled(scene, None, ill, ill)))
    text = shown(office, "bureau:assessment", found.pk)
    assert "能力完好 → 能力轻度受损" in text
    assert "痴呆" in text
    assert not [secret for secret in SECRETS if secret in text]


def test_looking_leaves_a_trace(scene: Scene, office: Client) -> None:
    found = asked(scene.cast)
    shown(office, "bureau:assessment", found.pk)
    look = Read.objects.get(where=reverse("bureau:assessment", args=[found.pk]))
    assert "assessment" in look.fields


@pytest.mark.slow
def test_the_letter_is_a_pdf_no_cache_keeps(scene: Scene, office: Client) -> None:
    url = reverse("bureau:assessment_letter", args=[concluded(scene).pk])
    reply = office.get(url)
    assert reply.content.startswith(b"%PDF")
    assert reply["Cache-Control"] == "no-store"
    assert Read.objects.filter(where=url, purpose="打印评估结果告知书").exists()


def test_without_a_result_there_is_no_letter(scene: Scene, office: Client) -> None:
    reply = office.get(reverse("bureau:assessment_letter", args=[asked(scene.cast).pk]))
    assert reply.status_code == 302


def test_a_disputed_result_goes_to_another_body(scene: Scene, office: Client) -> None:
    found = concluded(scene)
    assert act(office, found, act="appeal", reason="不")[0] == 422
    assert "已登记" in act(office, found, act="appeal", reason="家里人不同意")[1]
    assert "家里人不同意" in shown(office, "bureau:assessments", show="appeals")


def ask(client: Client, cast: Cast, **sent_: str) -> tuple[int, str]:
    given = {"channel": "village", "idempotency_key": str(uuid.uuid4()), **sent_}
    url = reverse("bureau:assessment_ask", args=[cast.mother.pk])
    reply = client.post(url, given, follow=True)
    return reply.status_code, reply.content.decode()


def test_an_officer_asks_for_an_elder(cast: Cast, office: Client) -> None:
    assert ask(office, cast, instrument="gbt42195-2022")[0] == 200
    assert Assessment.objects.get().channel == "village"
    code, text = ask(office, cast, instrument="gbt42195-2022", reason="再来一次")
    assert (code, "不用再申请" in text, 'value="再来一次"' in text) == (422, True, True)


def test_the_gate_is_asked_line_by_line(cast: Cast, office: Client) -> None:
    code, text = ask(office, cast, instrument="ltci-2021", a1="依赖")
    assert (code, "床椅转移：没有填" in text) == (422, True)
    assert ask(office, cast, instrument="ltci-2021", **GATE)[0] == 200
    assert Assessment.objects.get().state == "accepted"


@pytest.mark.parametrize("sent_", [{}, {"instrument": "x"}, {"instrument": "mzt039-2013"}])
def test_an_unknown_instrument_is_refused(
    cast: Cast, office: Client, sent_: dict[str, str]
) -> None:
    assert ask(office, cast, **sent_)[0] == 422


def test_due_and_overdue_are_counted_by_town(scene: Scene, office: Client) -> None:
    found = concluded(scene)
    Assessment.objects.filter(pk=found.pk).update(due_on=clock.today() - timedelta(days=40))
    text = shown(office, "bureau:assessments_due", overdue="1")
    assert "巴川街道" in text
    assert "超期" in text
    assert "王*英" in text


def test_a_certificate_says_how_long_it_lasts(scene: Scene, office: Client) -> None:
    one = scene.assessors[0][0]
    type(one).objects.filter(pk=one.pk).update(certificate_until=clock.today())
    text = shown(office, "bureau:body", one.body_id)
    assert "快到期" in text
    assert "有效" in text


def test_a_new_certificate_ends_later(scene: Scene, office: Client) -> None:
    one = scene.assessors[0][0]
    url = reverse("bureau:assessor_renew", args=[one.body_id, one.pk])
    sooner, later = (one.certificate_until + timedelta(days=days) for days in (-1, 1))
    early = office.post(url, {"certificate": "新证", "until": str(sooner)})
    assert (early.status_code, "新证" in early.content.decode()) == (422, True)
    assert office.post(url, {"certificate": "新证", "until": str(later)}).status_code == 302


def test_bodies_and_assessors_are_registered(cast: Cast, office: Client) -> None:
    new = {"name": "新机构", "uscc": "９1110000-600037341l", "capacity": "30"}
    assert office.post(reverse("bureau:bodies"), new).status_code == 422
    reply = office.post(reverse("bureau:bodies"), {**new, "instruments": ["gbt42195-2022"]})
    assert reply.status_code == 302
    assert Body.objects.latest("id").uscc == "91110000600037341L"
    wrong = office.post(reverse("bureau:bodies"), {**new, "uscc": "9111000060003734OL"})
    assert "统一社会信用代码第 17 个字符“O”" in wrong.content.decode()
    person = {
        "name": "评甲",
        "number": "P1",
        "certificate": "能力评估师",
        "until": IN_TWO_YEARS,
    }
    assert office.post(reply["Location"], person).status_code == 302
    assert office.post(reply["Location"], person).status_code == 422


def test_an_assessor_who_left_is_off_the_list(scene: Scene, office: Client) -> None:
    one = scene.assessors[0][0]
    url = reverse("bureau:assessor_leave", args=[one.body_id, one.pk])
    assert office.post(url).status_code == 422
    assert office.post(url, {"sure": "1"}).status_code == 302
    assert f">{one.name}<" not in shown(office, "bureau:body", one.body_id)


def test_quality_is_counted(scene: Scene, office: Client) -> None:
    concluded(scene)
    text = shown(office, "bureau:assessment_quality")
    assert "评估机构" in text
    assert "没有可比的" in text


PAGES = ("assessments", "assessments_due", "assessment_quality", "bodies")


@pytest.mark.parametrize("who", ["far_officer", "town_officer"])
def test_officers_of_other_places_find_nothing(scene: Scene, log_in: LogIn, who: str) -> None:
    found, client = concluded(scene), log_in(scene.cast.actors()[who])
    for name in ("assessment", "assessment_letter"):
        url = reverse(f"bureau:{name}", args=[found.pk])
        assert {client.get(url).status_code, client.post(url).status_code} <= {404, 405}, name
    assert (
        client.get(reverse("bureau:assessment_ask", args=[scene.cast.mother.pk])).status_code == 404
    )
    for name in PAGES:
        assert "王*英" not in shown(client, f"bureau:{name}", show="told"), name


def test_a_town_officer_may_not_designate(scene: Scene, log_in: LogIn) -> None:
    client = log_in(scene.cast.town_officer)
    body = scene.bodies[0].pk
    assert "登记评估员" not in shown(client, "bureau:body", body)
    person = {"name": "评甲", "number": "P1", "certificate": "证", "until": IN_TWO_YEARS}
    assert client.post(reverse("bureau:body", args=[body]), person).status_code == 403


@pytest.mark.parametrize("who", ["daughter", "caregiver", "dispatcher", "provider_staff"])
def test_other_roles_are_turned_away(cast: Cast, log_in: LogIn, who: str) -> None:
    client = log_in(cast.actors()[who])
    assert {client.get(reverse(f"bureau:{name}")).status_code for name in PAGES} == {403}


def test_what_is_out_of_the_ordinary_is_looked_into(scene: Scene, office: Client) -> None:
    body = scene.bodies[0]
    odd = Outlier.objects.create(
        body=body, region_id=body.region_id, instrument=GBT, measure="minutes", value=9, usual=58
    )
    assert "一次评估 9 分钟，别家一般 58 分钟" in shown(office, "bureau:assessment_quality")
    assert "1 件评估质量要核查" in shown(office, "bureau:overview")
    url = reverse("bureau:outlier_close", args=[odd.pk])
    assert office.post(url, {"note": "好"}).status_code == 422
    told = office.post(url, {"note": "抽查录像，已约谈"}, follow=True).content.decode()
    assert ("核查情况记下了" in told, "要核查的" in told) == (True, False)


def test_an_assessor_gets_a_login(scene: Scene, office: Client) -> None:
    body, one = scene.bodies[0], scene.assessors[0][0]
    link = reverse("bureau:assessor_link", args=[body.pk, one.pk])
    refused = office.post(link, {"phone": "13700000001"})
    assert (refused.status_code, "还没有工作账号" in refused.content.decode()) == (422, True)
    Account.objects.register("13700000001", one.name, "long-test-password")
    assert "可以登录了" in office.post(link, {"phone": "13700000001"}, follow=True).content.decode()


def test_a_town_is_not_told_that_nobody_works_there(scene: Scene, log_in: LogIn) -> None:
    pages = {
        who: log_in(getattr(scene.cast, who)).get(reverse("bureau:bodies")).content.decode()
        for who in ("officer", "town_officer")
    }
    assert {who: "其中医护" in text for who, text in pages.items()} == {
        "officer": True,
        "town_officer": False,
    }
