"""Who looked at the record, and the code at the door."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from songbai.core import clock
from songbai.core.audit.models import Read
from songbai.domain.elders.queries import note_read
from tests.cast import Cast

PAGES = ["family:reads", "family:code"]


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_gets_nothing(cast: Cast, stranger: Client, client: Client, name: str) -> None:
    url = reverse(name, args=[cast.mother.pk])
    assert client.get(url).status_code == 302
    reply = stranger.get(url)
    assert reply.status_code == 404
    assert str(cast.mother.door_code) not in reply.content.decode()
    assert cast.mother.name not in reply.content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_looking_is_a_look(cast: Cast, daughter: Client, name: str) -> None:
    daughter.get(reverse(name, args=[cast.mother.pk]))
    assert Read.objects.filter(person_id=cast.mother.pk, account_id=cast.daughter.account_id)


def test_every_look_says_who_what_and_what_for(cast: Cast, daughter: Client) -> None:
    note_read(
        cast.dispatcher,
        [cast.mother],
        fields=["phone", "town"],
        purpose="联系上门",
        where="/desk/",
    )
    url = reverse("family:reads", args=[cast.mother.pk])
    text = daughter.get(url, {"who": "all"}).content.decode()
    for words in ("张*（调度员）", "电话、镇街", "联系上门", "您自己"):
        assert words in text
    assert "张霞" not in text


def test_alike_looks_of_one_minute_are_one(cast: Cast, daughter: Client) -> None:
    with clock.moved_to(clock.now() - timedelta(minutes=5)):
        for _ in range(3):
            note_read(
                *(cast.dispatcher, [cast.mother]),
                fields=["phone"], purpose="联系上门", where="/desk/",
            )  # fmt: skip
    text = daughter.get(reverse("family:reads", args=[cast.mother.pk])).content.decode()
    assert text.count("联系上门") == 1
    assert "（一分钟里 3 次）" in text


def test_own_looks_are_left_out_unless_asked_for(cast: Cast, daughter: Client) -> None:
    url = reverse("family:reads", args=[cast.mother.pk])
    assert "还没有别人看过" in daughter.get(url).content.decode()


def test_the_door_code_is_drawn_with_a_masked_name(cast: Cast, daughter: Client) -> None:
    text = daughter.get(reverse("family:code", args=[cast.mother.pk])).content.decode()
    assert "<svg" in text
    code = cast.mother.door_code
    assert f"{code[:4]} {code[4:]}" in text
    assert "王*英 · 上门签到码" in text
