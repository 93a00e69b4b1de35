"""The self-check asks anybody and keeps nothing: no row, no session, no address, no log."""

import logging
import re

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from songbai.core.events.models import Event
from tests.cast import Cast

pytestmark = pytest.mark.long

HIDDEN = re.compile(r'name="(a-[a-z_]+)" value="([^"]*)"')
URL = "/self-check/"


def step(client: Client, **sent: str) -> tuple[int, str]:
    reply = client.post(URL, {"district": "500151", **sent})
    return reply.status_code, reply.content.decode()


def kept(text: str) -> dict[str, str]:
    """What the next form carries."""
    found = dict(HIDDEN.findall(text))
    asks = re.search(r'name="asks" value="([a-z_]+)"', text)
    return {**found, **({"asks": asks[1]} if asks else {})}


def walk(client: Client, answers: dict[str, dict[str, str]]) -> tuple[str, list[str]]:
    """Answer until the end; what is not named is not known."""
    _, text = step(client)
    asked: list[str] = []
    while (form := kept(text)).get("asks"):
        asked.append(form["asks"])
        assert len(asked) < 20
        _, text = step(client, **form, **answers.get(form["asks"], {"unknown": "1"}))
    return text, asked


OLD = {
    "hukou": {"answer": "500151000000"},
    "residence": {"answer": "500151000000"},
    "birth_date": {"year": "1935", "month": "3", "day": "2"},
    "hardship": {"answer": "none"},
    "living": {"answer": "with_children"},
    "ability_level": {"answer": "0"},
    "ltci_insured": {"answer": "no"},
}


def test_anybody_starts_without_a_login(client: Client, cast: Cast) -> None:
    text = client.get(reverse("portal:self_check")).content.decode()
    assert "不用登录，填的不保存、不记录" in text
    assert '<option value="500151" selected>铜梁区' in text


def test_a_few_answers_say_what_could_be_had_and_why(client: Client, cast: Cast) -> None:
    text, asked = walk(client, OLD)
    assert asked[:2] == ["hukou", "birth_date"]
    assert len(asked) <= 7
    for words in ("可能有 2 项待遇", "铜梁区高龄津贴", "200 元，每月", "年满 80 周岁", "12349",
                  "这不是决定", "现在不符合的"):  # fmt: skip
        assert words in text, words


def test_who_is_too_young_learns_when_it_comes(client: Client, cast: Cast) -> None:
    young = {**OLD, "birth_date": {"year": "1953", "month": "12", "day": "1"}}
    text, _ = walk(client, young)
    assert "2033 年 12 月起自动发放" in text
    assert "还差" in text


def test_what_somebody_does_not_know_stays_open(client: Client, cast: Cast) -> None:
    text, _ = walk(client, {})
    assert "还不能判断" in text
    assert "您说不知道的" in text


def test_an_impossible_date_is_asked_again_and_nothing_is_lost(client: Client, cast: Cast) -> None:
    _, text = step(client, **kept(step(client)[1]), answer="500151000000")
    status, text = step(client, **kept(text), year="1943", month="13", day="1")
    assert (status, "没有这一天" in text) == (422, True)
    assert "请把年、月、日填全" in step(client, **kept(text), year="1943", month="", day="1")[1]
    assert kept(text)["a-hukou"] == "500151000000"


def test_one_question_back(client: Client, cast: Cast) -> None:
    _, text = step(client, **kept(step(client)[1]), answer="500151000000")
    form = {key: value for key, value in kept(text).items() if key != "asks"}
    assert kept(step(client, **form, back="1")[1]) == {"asks": "hukou"}


@pytest.mark.parametrize(
    "sent",
    [
        {"a-hukou": "x"},
        {"a-nothing": "1"},
        {"asks": "death", "answer": "1"},
        {"a-birth_date": "?x"},
    ],
)
def test_what_nobody_asked_is_ignored(client: Client, cast: Cast, sent: dict[str, str]) -> None:
    assert step(client, **sent)[0] == 200


def test_another_district_begins_anew(client: Client, cast: Cast) -> None:
    assert "先选区县" in step(client, district="999999")[1]


def test_nothing_is_stored_nor_logged(
    client: Client, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    events = Event.objects.count()
    with (
        CaptureQueriesContext(
            connection,
        ) as queries,
        caplog.at_level(logging.DEBUG),
    ):
        walk(client, OLD)
    written = [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert written == []
    assert Session.objects.count() == 0
    assert Event.objects.count() == events
    said = " ".join(record.getMessage() for record in caplog.records if "sql" not in record.name)
    assert "1935" not in said
    assert "with_children" not in said


def test_no_cache_and_no_address_holds_an_answer(client: Client, cast: Cast) -> None:
    reply = client.post(URL, {"district": "500151", "asks": "hukou", "answer": "500151000000"})
    assert "no-store" in reply["Cache-Control"]
    assert 'method="get"' not in reply.content.decode().partition("<main")[2]


def test_a_genuine_letter_is_told_from_another(client: Client, cast: Cast) -> None:
    from songbai.web.rooms.benefits.letters import Checked, mark_of

    genuine = reverse(
        "portal:letter", args=[mark_of(Checked("202610000000001", "2026-10", 20_000))]
    )
    text = client.get(genuine).content.decode()
    assert "这封告知书是真的" in text
    assert "200 元" in text
    assert "核对不上" in client.get(reverse("portal:letter", args=["x"])).content.decode()
    assert "核对不上" in client.get(genuine[:-3] + "xx/").content.decode()
