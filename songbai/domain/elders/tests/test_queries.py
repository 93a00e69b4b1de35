"""Who sees whom, and what is left behind."""

from datetime import timedelta

import pytest

from songbai.core import clock
from songbai.core.accounts.actions import grant_access
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.audit.models import Read
from songbai.core.errors import NotAllowed, NotFound
from songbai.domain.elders import queries
from songbai.domain.elders.models import Elder, Proxy
from tests.acts import assigned, placed
from tests.cast import Cast, acting

pytestmark = pytest.mark.long

SEES = {
    "daughter": {"mother"},
    "stranger_family": {"far_elder"},
    "caregiver": set(),
    "other_caregiver": set(),
    "dispatcher": {"mother", "neighbour"},
    "far_dispatcher": {"far_elder"},
    "provider_staff": set(),
    "officer": {"mother", "neighbour"},
    "town_officer": set(),
    "far_officer": {"far_elder"},
}


@pytest.mark.parametrize("name", SEES)
def test_everybody_sees_the_own_and_nobody_else(cast: Cast, name: str) -> None:
    actor: Actor = getattr(cast, name)
    with acting(actor):
        found = {elder.pk for elder in queries.visible(actor)}
    assert found == {getattr(cast, elder).pk for elder in SEES[name]}


@pytest.mark.parametrize("name", SEES)
def test_the_database_sees_it_the_same_way(cast: Cast, name: str) -> None:
    with acting(getattr(cast, name)):
        found = {elder.pk for elder in Elder.objects.all()}
    assert found == {getattr(cast, elder).pk for elder in SEES[name]}


@pytest.mark.parametrize("name", SEES)
def test_outside_the_scope_nobody_exists(cast: Cast, name: str) -> None:
    actor: Actor = getattr(cast, name)
    hidden = {"mother", "neighbour", "far_elder"} - SEES[name]
    with acting(actor):
        for elder in hidden:
            with pytest.raises(NotFound):
                queries.get(actor, getattr(cast, elder).pk)
        with pytest.raises(NotFound):
            queries.get(actor, 0)


def test_the_program_sees_everybody(cast: Cast) -> None:
    assert queries.visible(SYSTEM).count() == 3


def test_a_caregiver_sees_whom_she_is_sent_to(cast: Cast) -> None:
    assigned(cast)
    with acting(cast.caregiver):
        assert queries.get(cast.caregiver, cast.mother.pk).name == "王桂英"
    with acting(cast.other_caregiver), pytest.raises(NotFound):
        queries.get(cast.other_caregiver, cast.mother.pk)


def test_an_ended_binding_sees_nothing(cast: Cast) -> None:
    with clock.moved_to(clock.now() + timedelta(days=366)), acting(cast.daughter):
        assert not queries.visible(cast.daughter).exists()
        assert queries.elders_of_family(cast.daughter) == []


def test_a_daughter_acts_for_her_mother(cast: Cast) -> None:
    with acting(cast.daughter):
        [proxy] = queries.elders_of_family(cast.daughter)
        assert queries.require_proxy(cast.daughter, cast.mother, ordering=True) == proxy
    assert proxy.elder == cast.mother


def test_who_may_only_look_may_not_order(cast: Cast) -> None:
    Proxy.objects.filter(elder=cast.mother).update(may_order=False)
    assert queries.require_proxy(cast.daughter, cast.mother)
    with pytest.raises(NotAllowed, match="下单的授权"):
        queries.require_proxy(cast.daughter, cast.mother, ordering=True)


def test_a_stranger_acts_for_nobody(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        queries.require_proxy(cast.stranger_family, cast.mother)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("王", ["王桂英"]),
        ("王桂英", ["王桂英"]),
        ("桂", []),
        ("wg", ["王桂英"]),
        ("  ", []),
        ("陈", []),
        ("%", []),
    ],
)
def test_search_finds_by_the_beginning_of_name_or_initials(
    cast: Cast, words: str, names: list[str]
) -> None:
    with acting(cast.dispatcher):
        found = queries.search(cast.dispatcher, words)
    assert sorted(elder.name for elder in found) == sorted(names)


def test_search_leaves_out_the_dead(cast: Cast) -> None:
    Elder.objects.filter(pk=cast.mother.pk).update(died_on=clock.today())
    assert queries.search(cast.dispatcher, "王") == []


@pytest.mark.parametrize("name", ["provider_staff", "caregiver"])
def test_search_is_not_for_everybody(cast: Cast, name: str) -> None:
    with pytest.raises(NotAllowed):
        queries.search(getattr(cast, name), "王")


def show(actor: Actor, elder: Elder, *fields: str) -> queries.PlainFields:
    with acting(actor):
        return queries.show_plain(
            actor, elder, fields=list(fields), purpose="联系家属", where="/desk/"
        )


def test_showing_a_phone_is_logged_with_its_purpose(cast: Cast) -> None:
    assert show(cast.dispatcher, cast.mother, "phone").phone == "12800001024"
    row = Read.objects.get()
    assert (row.reader, row.person_id, row.fields) == ("张霞", cast.mother.pk, ["phone"])
    assert (row.purpose, row.where) == ("联系家属", "/desk/")


def test_only_what_was_asked_for_is_decrypted(cast: Cast) -> None:
    plain = show(cast.dispatcher, cast.mother, "phone")
    assert (plain.id_number, plain.address) == ("", "")
    assert show(cast.officer, cast.mother, "id_number").id_number == "500190194205061024"


@pytest.mark.parametrize("name", ["far_officer", "town_officer", "stranger_family", "caregiver"])
def test_who_has_no_access_is_shown_nothing_and_leaves_no_trace(cast: Cast, name: str) -> None:
    with pytest.raises(NotAllowed):
        show(getattr(cast, name), cast.mother, "phone")
    assert not Read.objects.exists()


def test_a_provider_is_not_shown_plain_fields(cast: Cast) -> None:
    placed(cast)
    with pytest.raises(NotAllowed):
        show(cast.provider_staff, cast.mother, "phone")


def test_the_caregiver_on_her_way_is_shown_the_address(cast: Cast) -> None:
    assigned(cast)
    assert show(cast.caregiver, cast.mother, "address").address == "幸福路 8 号 3-2"


def note_seen(cast: Cast) -> None:
    with acting(cast.dispatcher):
        queries.note_seen(
            cast.dispatcher,
            [cast.mother, cast.mother, cast.neighbour],
            fields=["name"],
            purpose="派单",
            where="/desk/",
        )


def test_a_page_that_refreshes_leaves_one_trace_an_hour(cast: Cast) -> None:
    note_seen(cast)
    note_seen(cast)
    assert Read.objects.count() == 2
    with clock.moved_to(clock.now() + timedelta(minutes=61)):
        note_seen(cast)
    assert Read.objects.count() == 4


def test_a_key_given_for_another_cause_reaches_the_elder(cast: Cast) -> None:
    grant_access(
        person_id=cast.neighbour.pk,
        region=cast.neighbour.region_id,
        why="visit",
        until=clock.now() + timedelta(hours=1),
        account_id=cast.caregiver.account,
    )
    assert cast.caregiver.account_id in queries.reach_of(cast.neighbour).accounts


def test_the_masked_address_ends_with_the_village(cast: Cast) -> None:
    assert queries.village_words(cast.mother) == "巴川街道东方社区"


def test_age_is_of_today(cast: Cast) -> None:
    with clock.moved_to(clock.at(cast.mother.birth_date.replace(year=2026), 12)):
        assert queries.age(cast.mother) == 84
