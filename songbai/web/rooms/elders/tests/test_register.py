"""The register: finding people, what is known of them and from whom, where they live."""

from datetime import timedelta

import pytest
from django.urls import reverse

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.audit.models import Read
from songbai.domain.elders.actions import recount
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.domain.elders.models import Conflict, Elder
from songbai.domain.elders.rules.kinds import kind_of, source_words
from tests.cast import Cast
from tests.doors import LogIn

pytestmark = pytest.mark.long

FIND = "bureau:find_elder"


def test_a_person_is_found_by_identity_number_and_its_reading_is_logged(
    cast: Cast, log_in: LogIn
) -> None:
    reply = log_in(cast.officer).post(reverse(FIND), {"q": "500190194205061024"})
    assert [one.pk for one in reply.context["people"]] == [cast.mother.pk]
    assert reply["Cache-Control"] == "no-store"
    assert Read.objects.filter(person_id=cast.mother.pk, where=reverse(FIND)).exists()


@pytest.mark.parametrize("typed", ["５００１９０194205061024", " 500190 19420506 1024 "])
def test_a_number_is_found_however_it_was_typed(cast: Cast, log_in: LogIn, typed: str) -> None:
    reply = log_in(cast.officer).post(reverse(FIND), {"q": typed})
    assert [one.pk for one in reply.context["people"]] == [cast.mother.pk]


def test_a_wrong_number_is_said_to_be_wrong_and_kept(cast: Cast, log_in: LogIn) -> None:
    reply = log_in(cast.officer).post(reverse(FIND), {"q": "500190194205061025"})
    assert reply.status_code == 422
    assert "最后一位对不上" in reply.content.decode()
    assert 'value="500190194205061025"' in reply.content.decode()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("50019O194205061024", "身份证号第 6 个字符“O”"),
        ("128 OOOO 1024", "电话第 5 个字符“O”"),
        ("1280000", ""),
        ("128000010", "现在有 9 位"),
    ],
)
def test_a_wrong_character_of_a_number_is_named_with_its_place(
    cast: Cast, log_in: LogIn, typed: str, told: str
) -> None:
    reply = log_in(cast.officer).post(reverse(FIND), {"q": typed})
    assert (reply.status_code, told in reply.content.decode()) == (422 if told else 200, True)


def test_a_person_is_found_by_phone(cast: Cast, log_in: LogIn) -> None:
    reply = log_in(cast.officer).post(reverse(FIND), {"q": "128 0000 1024"})
    assert [one.pk for one in reply.context["people"]] == [cast.mother.pk]


@pytest.mark.parametrize("typed", ["500190194205061024", "12800001024"])
def test_another_districts_officer_finds_nobody_by_number(
    cast: Cast, log_in: LogIn, typed: str
) -> None:
    reply = log_in(cast.far_officer).post(reverse(FIND), {"q": typed})
    assert reply.context["people"] == []


def test_words_go_to_the_list(cast: Cast, log_in: LogIn) -> None:
    reply = log_in(cast.officer).post(reverse(FIND), {"q": "王"}, follow=True)
    assert reply.redirect_chain
    assert all(one.name.startswith("王") for one in reply.context["people"])
    assert reply.context["people"]


def test_place_words_and_initials_narrow_the_list(cast: Cast, log_in: LogIn) -> None:
    village = reverse("bureau:elders")
    reply = log_in(cast.officer).get(village, {"q": f"巴川 {cast.mother.initials[0].lower()}"})
    assert cast.mother.pk in {one.pk for one in reply.context["people"]}
    assert {one.region_id[:9] for one in reply.context["people"]} == {"500151001"}


def test_the_list_is_cut_by_situation(cast: Cast, log_in: LogIn) -> None:
    wanted = {"living": cast.mother.living, "sex": "f", "age": "80"}
    reply = log_in(cast.officer).get(reverse("bureau:elders"), wanted)
    found = set(reply.context["people"])
    assert cast.mother in found
    assert {(elder.living, elder.sex) for elder in found} == {(cast.mother.living, "f")}


def known(reply: object) -> dict[str, tuple[str, str]]:
    return {
        kind_of(one.stands.kind).name: (value, source_words()[one.stands.source])
        for one, value, _ in reply.context["story"].known  # type: ignore[attr-defined]
    }


def test_a_record_says_who_said_what(cast: Cast, log_in: LogIn) -> None:
    record_facts(SYSTEM, cast.mother, [NewFact("hardship", "dibao")], source="minzheng")
    url = reverse("bureau:elder_facts", args=[cast.mother.pk])
    reply = log_in(cast.officer).get(url)
    assert known(reply)["经济状况"] == ("低保", "民政")
    assert Read.objects.filter(person_id=cast.mother.pk, where=url).exists()


def test_a_bank_card_is_masked(cast: Cast, log_in: LogIn) -> None:
    card = NewFact("bank_card", "6230580000012345678")
    record_facts(SYSTEM, cast.mother, [card], source="renshe")
    reply = log_in(cast.officer).get(reverse("bureau:elder_facts", args=[cast.mother.pk]))
    assert "6230580000012345678" not in reply.content.decode()
    assert known(reply)["一卡通账号"][0].endswith("5678")


def test_what_was_known_on_an_earlier_day_can_be_asked(cast: Cast, log_in: LogIn) -> None:
    record_facts(SYSTEM, cast.mother, [NewFact("hardship", "dibao")], source="minzheng")
    url = reverse("bureau:elder_facts", args=[cast.mother.pk])
    earlier = (clock.today() - timedelta(days=1)).isoformat()
    assert "经济状况" not in known(log_in(cast.officer).get(url, {"known": earlier}))


def test_another_districts_officer_does_not_learn_the_facts(cast: Cast, log_in: LogIn) -> None:
    url = reverse("bureau:elder_facts", args=[cast.mother.pk])
    assert log_in(cast.far_officer).get(url).status_code == 404


def test_the_map_counts_a_group_and_leads_to_its_list(cast: Cast, log_in: LogIn) -> None:
    recount(SYSTEM)
    client = log_in(cast.officer)
    reply = client.get(reverse("bureau:elders_map"), {"living": "living_alone"})
    [row] = reply.context["rows"]
    assert row.n == reply.context["total"] == len(client.get(row.url).context["people"])


@pytest.fixture
def disagreement(cast: Cast) -> Conflict:
    """Village and civil affairs do not agree on how the mother lives."""
    for source, living in (("village", "living_alone"), ("minzheng", "in_institution")):
        record_facts(SYSTEM, cast.mother, [NewFact("living", living)], source=source)
    return Conflict.objects.get(elder=cast.mother, kind="living")


def test_a_clerk_settles_a_disagreement(cast: Cast, log_in: LogIn, disagreement: Conflict) -> None:
    client = log_in(cast.officer)
    shown = client.get(reverse("bureau:conflicts"))
    [row] = shown.context["rows"]
    assert row.elder == cast.mother
    for words in ("王*英", "居住情况", "民政、村社"):
        assert words in shown.content.decode(), words
    url = reverse("bureau:conflict", args=[disagreement.pk])
    client.post(url, {"source": "minzheng", "reason": "养老院说她住在那里"})
    assert Elder.objects.get(pk=cast.mother.pk).living == "in_institution"
    assert client.get(reverse("bureau:conflicts")).context["rows"] == []
    assert "养老院说她住在那里" in client.get(url).content.decode()


def test_without_a_reason_nothing_is_settled_and_nothing_lost(
    cast: Cast, log_in: LogIn, disagreement: Conflict
) -> None:
    url = reverse("bureau:conflict", args=[disagreement.pk])
    reply = log_in(cast.officer).post(url, {"source": "minzheng", "reason": "看"})
    assert reply.status_code == 409
    assert "至少 4 个字" in reply.content.decode()
    assert reply.context["chosen"] == "minzheng"
    assert Elder.objects.get(pk=cast.mother.pk).living == "living_alone"


def test_another_districts_officer_does_not_see_the_disagreement(
    cast: Cast, log_in: LogIn, disagreement: Conflict
) -> None:
    client = log_in(cast.far_officer)
    assert client.get(reverse("bureau:conflicts")).context["rows"] == []
    url = reverse("bureau:conflict", args=[disagreement.pk])
    assert client.get(url).status_code == 404
    assert client.post(url, {"source": "village", "reason": "随便选一个"}).status_code == 404


def test_who_is_believed_first_can_be_changed(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.officer)
    url = reverse("bureau:trust_order", args=["living"])
    rows = client.get(url).context["rows"]
    wanted = [source for source, _, _ in rows][::-1]
    places = {f"place_{source}": str(at) for at, source in enumerate(wanted, 1)}
    client.post(url, {**places, "reason": "按新的文件调整"})
    assert [source for source, _, _ in client.get(url).context["rows"]] == wanted
    assert "按新的文件调整" in client.get(reverse("bureau:trust")).content.decode()


def test_a_town_may_not_change_who_is_believed(cast: Cast, log_in: LogIn) -> None:
    url = reverse("bureau:trust_order", args=["living"])
    reply = log_in(cast.town_officer).post(url, {"place_village": "1", "reason": "镇里想改"})
    assert reply.status_code == 403
    client = log_in(cast.town_officer)
    assert client.get(url).status_code == 403
    assert url not in client.get(reverse("bureau:trust")).content.decode()


def test_each_figure_opens_the_list_it_counts(cast: Cast, log_in: LogIn) -> None:
    recount(SYSTEM)
    client = log_in(cast.officer)
    whole = client.get(reverse("bureau:elders_figures")).context["whole"]
    assert whole.total == len(client.get(whole.url).context["people"]) > 0
    for number, url in whole.numbers:
        assert len(client.get(url).context["people"]) == number


def test_a_town_officer_counts_the_own_town_only(cast: Cast, log_in: LogIn) -> None:
    recount(SYSTEM)
    reply = log_in(cast.town_officer).get(reverse("bureau:elders_figures"))
    assert reply.context["whole"].total == 0
    elsewhere = {"region": cast.mother.region_id[:9]}
    assert (
        log_in(cast.town_officer).get(reverse("bureau:elders_figures"), elsewhere).status_code
        == 404
    )
