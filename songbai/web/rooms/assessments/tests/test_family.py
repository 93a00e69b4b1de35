"""Asking for an assessment on the phone, its gate, its result in plain words, an appeal."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from songbai.core.audit.models import Read
from songbai.domain.assessments.models import Assessment, Notice
from songbai.domain.assessments.tests.scene import GATE, asked, concluded, make_scene
from tests.cast import Cast

pytestmark = pytest.mark.long

GBT, LTCI = {"instrument": "gbt42195-2022"}, {"instrument": "ltci-2021"}


def ask(client: Client, cast: Cast, **sent: str) -> tuple[int, str]:
    given = {"idempotency_key": str(uuid.uuid4()), **sent}
    url = reverse("family:assessment_new", args=[cast.mother.pk])
    reply = client.post(url, given, follow=True)
    return reply.status_code, reply.content.decode()


def test_the_daughter_asks_and_sees_what_comes_next(cast: Cast, daughter: Client) -> None:
    code, text = ask(daughter, cast, **GBT)
    assert (code, "正在安排评估机构" in text) == (200, True)
    assert Assessment.objects.get().channel == "proxy"


def test_asking_twice_with_one_form_is_asking_once(cast: Cast, daughter: Client) -> None:
    key = str(uuid.uuid4())
    for _ in range(2):
        assert ask(daughter, cast, **GBT, idempotency_key=key)[0] == 200
    assert Assessment.objects.count() == 1


def test_asking_again_while_one_is_open_says_so(cast: Cast, daughter: Client) -> None:
    asked(cast)
    code, text = ask(daughter, cast, **GBT, reason="摔了一跤")
    assert (code, "不用再申请" in text, "摔了一跤" in text) == (409, True, True)


def test_the_gate_names_what_was_left_out(cast: Cast, daughter: Client) -> None:
    code, text = ask(daughter, cast, **LTCI, a1="依赖")
    assert (code, "床椅转移：没有填" in text) == (409, True)
    assert 'value="依赖" checked' in text


def test_the_gate_lets_in_or_says_why_not(cast: Cast, daughter: Client) -> None:
    well = dict.fromkeys(GATE, "独立")
    assert "还不符合申请条件" in ask(daughter, cast, **LTCI, **well)[1]
    assert "正在安排评估机构" in ask(daughter, cast, **LTCI, **GATE)[1]


@pytest.mark.parametrize("sent", [{}, {"instrument": "x"}, {"idempotency_key": "x", **GBT}])
def test_a_broken_form_asks_for_nothing(cast: Cast, daughter: Client, sent: dict[str, str]) -> None:
    assert ask(daughter, cast, **sent)[0] in {200, 409}
    assert not Assessment.objects.exists()


def test_the_result_is_told_in_plain_words_and_marked_as_read(cast: Cast, daughter: Client) -> None:
    found = concluded(make_scene(cast))
    url = reverse("family:assessment", args=[found.pk])
    text = daughter.get(url).content.decode()
    for words in ("能力完好", "怎么得出的", "90 分（满分 90）", "不同意这个结果，申诉"):
        assert words in text, words
    assert Notice.objects.get().read_at is not None
    assert Read.objects.filter(where=url, account_id=cast.daughter.account).exists()


def test_an_appeal_needs_a_reason_and_is_told(cast: Cast, daughter: Client) -> None:
    url = reverse("family:assessment", args=[concluded(make_scene(cast)).pk])
    refused = daughter.post(url, {"act": "appeal", "reason": "不"})
    assert (refused.status_code, "至少 4 个字" in refused.content.decode()) == (409, True)
    told = daughter.post(url, {"act": "appeal", "reason": "实际要人扶"}, follow=True)
    assert "另一家机构正在重新评估" in told.content.decode()


def test_what_was_asked_for_can_be_called_off(cast: Cast, daughter: Client) -> None:
    url = reverse("family:assessment", args=[asked(cast).pk])
    told = daughter.post(url, {"act": "cancel", "reason": "住院了"}, follow=True)
    assert "已取消" in told.content.decode()


def test_the_letter_is_a_pdf_no_cache_keeps(cast: Cast, daughter: Client) -> None:
    url = reverse("family:assessment_letter", args=[concluded(make_scene(cast)).pk])
    reply = daughter.get(url)
    assert reply.content.startswith(b"%PDF")
    assert reply["Cache-Control"] == "no-store"
    assert Read.objects.filter(where=url, purpose="家属看评估结果告知书").exists()


def test_before_a_result_nothing_of_it_is_shown(cast: Cast, daughter: Client) -> None:
    found = asked(cast)
    assert daughter.get(reverse("family:assessment_letter", args=[found.pk])).status_code == 302
    text = daughter.get(reverse("family:assessment", args=[found.pk])).content.decode()
    assert "怎么得出的" not in text


def test_a_stranger_gets_nothing(cast: Cast, stranger: Client, client: Client) -> None:
    found = concluded(make_scene(cast))
    for url in (
        reverse("family:assessments", args=[cast.mother.pk]),
        reverse("family:assessment_new", args=[cast.mother.pk]),
        reverse("family:assessment", args=[found.pk]),
        reverse("family:assessment_letter", args=[found.pk]),
    ):
        assert client.get(url).status_code == 302, url
        replies = [stranger.get(url), stranger.post(url, {"act": "appeal", "reason": "我不同意"})]
        assert {reply.status_code for reply in replies} <= {404, 405}, url
        assert not any("王桂英" in reply.content.decode() for reply in replies), url
    found.refresh_from_db()
    assert found.state == "noticed"
