"""Recording, withdrawing and settling facts of one person."""

from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from procrastinate.contrib.django.models import ProcrastinateJob

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.crypto import decrypt
from songbai.core.errors import NotAllowed, NotFound
from songbai.core.events.models import Event
from songbai.core.reasons import ReasonMissing
from songbai.domain.elders.actions.facts import (
    AlreadyDecided,
    NewFact,
    WrongOrder,
    WrongPeriod,
    decide_conflict,
    reassign,
    rebuild,
    record_facts,
    set_trust,
    settle_moves,
    withdraw,
)
from songbai.domain.elders.models import Conflict, CurrentFact, Elder, Fact
from songbai.domain.elders.queries.facts import conflicts, current_of, of_person, trust
from songbai.domain.elders.rules.kinds import UnknownKind, WrongSource, WrongValue
from songbai.domain.elders.tasks import rederive
from tests.cast import Cast, acting

pytestmark = pytest.mark.long


def say(cast: Cast, kind: str, value: str, source: str, *, ago: int = 0, row: str = "") -> int:
    at = clock.now() - timedelta(days=ago)
    return record_facts(SYSTEM, cast.mother, [NewFact(kind, value, row, at)], source=source)


def shown(cast: Cast, column: str) -> object:
    return Elder.objects.values_list(column, flat=True).get(pk=cast.mother.pk)


def test_registering_is_the_first_statement_of_the_register(cast: Cast) -> None:
    said = {fact.kind: fact.value for fact in of_person(SYSTEM, cast.mother)}
    assert (said["living"], said["hardship"], said["ability_level"]) == (
        "living_alone",
        "dibao",
        "2",
    )
    assert {fact.source for fact in of_person(SYSTEM, cast.mother)} == {"register"}
    assert rebuild(SYSTEM) == 0


def test_what_a_clerk_records_is_shown_at_once_and_says_by_whom(cast: Cast) -> None:
    with acting(cast.officer):
        record_facts(cast.officer, cast.mother, [NewFact("living", "empty_nest")], source="village")
    fact = Fact.objects.get(kind="living", source="village")
    assert (shown(cast, "living"), cast.mother.living) == ("empty_nest", "empty_nest")
    assert fact.entered_by == cast.officer.account_id
    assert Event.objects.filter(kind="elder.facts_recorded", person_id=cast.mother.pk).exists()


def test_a_new_phone_is_encrypted_found_again_and_the_old_one_kept(cast: Cast) -> None:
    say(cast, "phone", "13900001111", "family")
    cast.mother.refresh_from_db()
    kept = [decrypt(fact.secret) for fact in Fact.objects.filter(elder=cast.mother, kind="phone")]
    assert decrypt(cast.mother.phone) == "13900001111"
    assert sorted(kept) == ["12800001024", "13900001111"]
    assert not Fact.objects.filter(value__contains="1390").exists()


def test_a_new_name_brings_its_initials(cast: Cast) -> None:
    say(cast, "name", "李松柏", "gongan")
    assert (shown(cast, "name"), shown(cast, "initials")) == ("李松柏", "LSB")


def test_recording_the_same_again_records_nothing(cast: Cast) -> None:
    at = clock.now()
    new = [NewFact("living", "empty_nest", "7", at)]
    counts = [record_facts(SYSTEM, cast.mother, new, source="village") for _ in range(2)]
    assert counts == [1, 0]


@pytest.mark.parametrize(
    ("new", "source", "error"),
    [
        (NewFact("shoe_size", "42"), "village", UnknownKind),
        (NewFact("hardship", "poor"), "minzheng", WrongValue),
        (NewFact("hardship", "dibao"), "yibao", WrongSource),
        (NewFact("hardship", "dibao", valid_from=date(2026, 2, 1), valid_to=date(2026, 1, 1)),
         "minzheng", WrongPeriod),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(
    cast: Cast, new: NewFact, source: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        record_facts(SYSTEM, cast.mother, [new], source=source)


@pytest.mark.parametrize("who", ["daughter", "caregiver", "far_officer", "provider_staff"])
def test_who_is_not_an_officer_of_the_place_records_nothing(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        record_facts(
            getattr(cast, who), cast.mother, [NewFact("living", "empty_nest")], source="village"
        )


def test_withdrawing_lets_the_others_stand_again(cast: Cast) -> None:
    say(cast, "living", "empty_nest", "village", row="7")
    with acting(cast.officer):
        withdraw(cast.officer, cast.mother, "living", "village", "7", reason="登错了人")
    assert shown(cast, "living") == "living_alone"
    with pytest.raises(NotFound):
        withdraw(cast.officer, cast.mother, "living", "village", "7", reason="再撤一次")


def test_withdrawing_needs_a_reason(cast: Cast) -> None:
    with pytest.raises(ReasonMissing):
        withdraw(SYSTEM, cast.mother, "living", "register", "", reason="错")


def test_what_was_known_on_a_day_can_be_asked_later(cast: Cast) -> None:
    say(cast, "living", "empty_nest", "village")
    known = clock.now()
    with clock.moved_to(clock.now() + timedelta(days=5)):
        say(cast, "living", "in_institution", "village")
        found = [current_of(SYSTEM, cast.mother, known_at=at)["living"] for at in (known, None)]
    assert [one.stands.value for one in found] == ["empty_nest", "in_institution"]


def disagree(cast: Cast) -> Conflict:
    say(cast, "living", "empty_nest", "village", ago=3)
    say(cast, "living", "in_institution", "minzheng", ago=2)
    return Conflict.objects.get(elder=cast.mother)


def test_a_disagreement_is_on_the_list_of_its_place_only(cast: Cast) -> None:
    disagree(cast)
    listed = {}
    for name in ("officer", "far_officer"):
        with acting(getattr(cast, name)):
            listed[name] = conflicts(getattr(cast, name)).count()
    assert listed == {"officer": 1, "far_officer": 0}


def test_a_clerk_decides_and_the_decision_stands(cast: Cast) -> None:
    row = disagree(cast)
    with acting(cast.officer):
        decide_conflict(cast.officer, row.pk, source="minzheng", reason="去机构核实过")
    row.refresh_from_db()
    assert (shown(cast, "living"), row.state) == ("in_institution", "decided")
    with pytest.raises(AlreadyDecided):
        decide_conflict(cast.officer, row.pk, source="village", reason="再来一次")
    assert rebuild(SYSTEM) == 0


def test_a_new_word_after_the_decision_comes_back_to_the_list(cast: Cast) -> None:
    decide_conflict(SYSTEM, disagree(cast).pk, source="minzheng", reason="去机构核实过")
    say(cast, "living", "left_behind", "village")
    assert list(Conflict.objects.values_list("state", flat=True).order_by("id")) == [
        "decided",
        "open",
    ]
    assert shown(cast, "living") == "in_institution"


def test_a_death_reported_after_a_decision_is_not_hidden_by_it(cast: Cast) -> None:
    say(cast, "death", "2026-01-02", "gongan", ago=9)
    say(cast, "death", "2026-01-03", "minzheng", ago=8)
    decide_conflict(SYSTEM, Conflict.objects.get().pk, source="minzheng", reason="看过火化证明")
    assert shown(cast, "died_on") == date(2026, 1, 3)
    with clock.moved_to(clock.now() + timedelta(days=1)):
        say(cast, "death", "2026-01-05", "gongan")
        assert shown(cast, "died_on") == date(2026, 1, 5)
        assert Conflict.objects.filter(state="open").count() == 1
        assert rebuild(SYSTEM) == 0  # the set says the same as the one


def test_a_late_word_about_the_time_before_the_decision_does_not_end_it(cast: Cast) -> None:
    say(cast, "death", "2026-01-02", "gongan", ago=9)
    say(cast, "death", "2026-01-03", "minzheng", ago=8)
    decide_conflict(SYSTEM, Conflict.objects.get().pk, source="minzheng", reason="看过火化证明")
    with clock.moved_to(clock.now() + timedelta(days=1)):
        say(cast, "death", "2026-01-05", "gongan", ago=3)
        assert (shown(cast, "died_on"), rebuild(SYSTEM)) == (date(2026, 1, 3), 0)


def test_a_conflict_elsewhere_is_not_found(cast: Cast) -> None:
    row = disagree(cast)
    with pytest.raises(NotFound):
        decide_conflict(cast.far_officer, row.pk, source="village", reason="我来决定")


def test_the_order_of_trust_can_be_changed_and_settles_anew(cast: Cast) -> None:
    disagree(cast)
    order = ["minzheng", "village", "assessment", "care", "family", "register"]
    before = clock.now()
    with clock.moved_to(clock.now() + timedelta(days=1)):
        set_trust(cast.officer, "living", order, reason="民政上门核实更准")
        rebuild(SYSTEM, kind="living")
    assert shown(cast, "living") == "in_institution"
    assert trust(before)["living"][0] == "village"


def test_a_new_order_has_its_kind_derived_anew_for_everybody(cast: Cast) -> None:
    order = ["minzheng", "village", "assessment", "care", "family", "register"]
    set_trust(cast.officer, "living", order, reason="民政上门核实更准")
    [job] = ProcrastinateJob.objects.filter(task_name=rederive.name)
    assert Event.objects.get(pk=job.args["event_id"]).payload["fact"] == "living"


def test_an_order_must_name_every_source_and_a_town_may_not_set_it(cast: Cast) -> None:
    with pytest.raises(WrongOrder):
        set_trust(cast.officer, "living", ["village"], reason="只信村里")
    with pytest.raises(NotAllowed):
        set_trust(cast.town_officer, "living", ["village"], reason="只信村里")


def test_facts_go_to_the_joined_record_and_back(cast: Cast) -> None:
    say(cast, "hardship", "tekun", "minzheng", row="9")
    ids = list(
        Fact.objects.filter(elder=cast.mother, source="minzheng").values_list("pk", flat=True)
    )
    moved = reassign(SYSTEM, ids, cast.neighbour)
    cast.neighbour.refresh_from_db()
    assert (moved, shown(cast, "hardship"), cast.neighbour.hardship) == (ids, "dibao", "tekun")
    reassign(SYSTEM, moved, cast.mother)
    assert shown(cast, "hardship") == "tekun"


def test_who_lives_elsewhere_now_is_seen_there_and_no_longer_here(cast: Cast) -> None:
    say(cast, "residence", "500152001001", "village")
    assert settle_moves(SYSTEM) == 1
    for name, seen in (("officer", False), ("far_officer", True)):
        with acting(getattr(cast, name)):
            assert Fact.objects.filter(elder_id=cast.mother.pk).exists() is seen
            assert CurrentFact.objects.filter(elder_id=cast.mother.pk).exists() is seen
    assert (settle_moves(SYSTEM), rebuild(SYSTEM)) == (0, 0)


@pytest.mark.parametrize(
    "change", ["value = 'tekun'", "source = 'village'", "recorded_at = songbai_now()"]
)
def test_what_was_said_is_never_changed(cast: Cast, change: str) -> None:
    refused = pytest.raises(ProgrammingError, match="Cannot update")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE elders_fact SET {change}")


def test_facts_are_never_deleted(cast: Cast) -> None:
    with pytest.raises(ProgrammingError, match="Cannot delete"), transaction.atomic():
        Fact.objects.all().delete()


def test_the_web_role_changes_no_fact(cast: Cast) -> None:
    denied = pytest.raises(ProgrammingError, match="denied")
    with acting(cast.officer), denied, transaction.atomic():
        Fact.objects.update(region_id="500151105201")


def test_without_a_scope_nobody_sees_a_fact(cast: Cast) -> None:
    disagree(cast)
    with acting(None):
        assert not Fact.objects.exists()
        assert not CurrentFact.objects.exists()
        assert not Conflict.objects.exists()
