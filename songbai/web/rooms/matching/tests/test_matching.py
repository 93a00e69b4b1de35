"""One person once, as a clerk meets it."""

import pytest
from django.urls import reverse

from songbai.core.accounts.rules import SYSTEM
from songbai.core.audit.models import Read
from songbai.domain.matching.actions import merge, offer_rows, search_duplicates
from songbai.domain.matching.models import Candidate, Merge
from songbai.domain.matching.queries import match_rows
from songbai.domain.matching.tests.conftest import again, row, rows
from tests.cast import Cast, make_elder
from tests.doors import LogIn


@pytest.fixture
def pair(cast: Cast) -> Candidate:
    """Mrs Wang, and her namesake under another number."""
    again(region="500151001001")
    search_duplicates(SYSTEM, "500151001")
    return Candidate.objects.get(elder=cast.mother)


def test_the_list_shows_pairs_masked_and_notes_the_look(
    cast: Cast, pair: Candidate, log_in: LogIn
) -> None:
    text = log_in(cast.officer).get(reverse("bureau:matching")).content.decode()
    assert "王*英 和 王*英" in text
    assert "王桂英" not in text
    assert Read.objects.filter(purpose="核对是不是同一人").count() == 2


def test_a_pair_says_what_agrees_in_words(cast: Cast, pair: Candidate, log_in: LogIn) -> None:
    text = log_in(cast.officer).get(reverse("bureau:candidate", args=[pair.pk])).content.decode()
    assert "两个不同的有效身份证号" in text
    assert "姓名相同" in text
    assert "5001**********1024" in text
    assert "500190194205061024" not in text


def test_a_clerk_merges_and_takes_it_back(cast: Cast, pair: Candidate, log_in: LogIn) -> None:
    client = log_in(cast.officer)
    url = reverse("bureau:candidate", args=[pair.pk])
    assert client.post(url, {"verdict": "same", "reason": "看过户口簿"}).status_code == 302
    made = Merge.objects.get()
    assert "看过户口簿" in client.get(reverse("bureau:merges")).content.decode()
    opened = client.get(reverse("bureau:elder", args=[made.elder_id]))
    assert opened["Location"] == reverse("bureau:elder", args=[made.survivor_id])
    undo = reverse("bureau:merge", args=[made.pk])
    assert client.post(undo, {"reason": "弄错了，两个人"}).status_code == 302
    assert "已撤销" in client.get(undo).content.decode()


def test_without_a_reason_what_was_typed_stays(cast: Cast, pair: Candidate, log_in: LogIn) -> None:
    url = reverse("bureau:candidate", args=[pair.pk])
    reply = log_in(cast.officer).post(url, {"verdict": "same", "reason": "是"})
    assert reply.status_code == 422
    assert "请写明理由" in reply.content.decode()
    assert ">是</textarea>" in reply.content.decode()


def test_a_decided_pair_can_be_put_back(cast: Cast, pair: Candidate, log_in: LogIn) -> None:
    client = log_in(cast.officer)
    url = reverse("bureau:candidate", args=[pair.pk])
    client.post(url, {"verdict": "different", "reason": "见过本人"})
    assert "放回待判定" in client.get(url).content.decode()
    client.post(reverse("bureau:candidate_reopen", args=[pair.pk]), {"reason": "又有新材料"})
    assert Candidate.objects.get(pk=pair.pk).state == "open"


def test_a_field_of_both_is_shown_once_for_a_purpose(
    cast: Cast, pair: Candidate, log_in: LogIn
) -> None:
    client = log_in(cast.officer)
    asked = {"field": "phone", "purpose": "核对身份", "why": "核对是否同一人"}
    reply = client.post(reverse("bureau:candidate_show", args=[pair.pk]), asked)
    assert "12800001024" in reply.content.decode()
    assert Read.objects.filter(fields=["phone"], purpose="核对身份：核对是否同一人").count() == 2
    page = client.get(reverse("bureau:candidate", args=[pair.pk])).content.decode()
    assert "12800001024" not in page


def test_a_row_that_arrived_stands_beside_its_elder(cast: Cast, log_in: LogIn) -> None:
    make_elder("鲜玉碧", 1)
    said = rows(row(name="先玉必"))
    offer_rows(SYSTEM, said, match_rows(SYSTEM, said, source="village"), source="village")
    pair = Candidate.objects.get(elder__name="鲜玉碧")
    text = log_in(cast.officer).get(reverse("bureau:candidate", args=[pair.pk])).content.decode()
    assert "村社来的一行" in text
    assert "先*必" in text


def test_somebody_from_elsewhere_finds_neither_pair_nor_merge(
    cast: Cast, pair: Candidate, log_in: LogIn
) -> None:
    assert pair.other is not None
    made = merge(SYSTEM, cast.mother, pair.other, reason="同一个人", score=1.0, why=[])
    client = log_in(cast.far_officer)
    for name, number in (
        ("candidate", pair.pk),
        ("candidate_show", pair.pk),
        ("candidate_reopen", pair.pk),
        ("merge", made.pk),
    ):
        url = reverse(f"bureau:{name}", args=[number])
        assert client.get(url).status_code == 404
        assert client.post(url, {"reason": "看过户口簿"}).status_code == 404
    assert "王*英" not in client.get(reverse("bureau:merges")).content.decode()
