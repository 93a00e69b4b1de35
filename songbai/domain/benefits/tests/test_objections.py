"""Objecting: once, in time, answered by somebody else, with what is known then."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from songbai.core import clock, working_days
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.errors import NotAllowed, NotFound
from songbai.core.events.models import Event
from songbai.core.reasons import ReasonMissing
from songbai.domain.benefits import actions
from songbai.domain.benefits.actions.informing import ListenerMissing, WayMissing
from songbai.domain.benefits.actions.objections import (
    AlreadyObjected,
    DecidedYourself,
    MonthToCome,
    TooLate,
    VoiceMissing,
)
from songbai.domain.benefits.models import NoticeGiven, Objection
from songbai.domain.benefits.queries import objections
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.objection import TRANSITIONS, Ground, State, difference, due_on
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.domain.elders.declares import OFFICER
from tests.cast import Cast, acting, make_account

pytestmark = pytest.mark.long

OCTOBER = Month("2026-10")
CODE = "longevity-tongliang"


def raised(actor: Actor, cast: Cast, **changes: object) -> Objection:
    values: dict[str, object] = {
        "key": uuid.uuid4(),
        "policy": CODE,
        "month": OCTOBER,
        "ground": Ground.PLACE,
        "text": "我妈户口一直在这里",
        "voiced_by": "",
        **changes,
    }
    new = actions.NewObjection(**values)  # type: ignore[arg-type]
    with acting(actor):
        return actions.raise_objection(actor, cast.mother, new, where="/test/")


def taken(actor: Actor, objection: Objection) -> Objection:
    with acting(actor):
        return actions.take(actor, objection.pk)


def answered(actor: Actor, objection: Objection, found: str = "公安核对过户口") -> Objection:
    with acting(actor):
        return actions.answer(actor, objection.pk, found, where="/test/")


@pytest.mark.parametrize(
    ("raised_on", "due"),
    [
        (date(2026, 11, 2), date(2026, 11, 23)),
        (date(2026, 9, 24), date(2026, 10, 22)),
        (date(2026, 2, 13), date(2026, 3, 12)),
        (date(2027, 3, 1), date(2027, 3, 22)),
    ],
)
def test_fifteen_working_days(raised_on: date, due: date) -> None:
    assert due_on(raised_on) == due
    assert working_days.is_working(due)


@pytest.mark.parametrize(
    ("then", "now", "fen"), [(0, 20_000, 20_000), (20_000, 0, -20_000), (None, 1, 0), (5, None, 0)]
)
def test_the_difference_waits_for_a_decision(then: int | None, now: int | None, fen: int) -> None:
    assert difference(then, now) == fen


def test_an_objection_keeps_what_was_decided(cast: Cast) -> None:
    made = raised(cast.daughter, cast)
    assert (made.state, made.channel, made.then_result, made.then_fen) == (
        "open",
        "proxy",
        "cannot_decide",
        None,
    )
    assert made.due_on == due_on(clock.today())
    assert Event.objects.get(kind="objection.raised").person_id == cast.mother.pk


def test_the_same_form_twice_is_one_objection(cast: Cast) -> None:
    key = uuid.uuid4()
    assert raised(cast.daughter, cast, key=key) == raised(cast.daughter, cast, key=key)


def test_a_second_objection_waits_for_the_first(cast: Cast) -> None:
    raised(cast.daughter, cast)
    with pytest.raises(AlreadyObjected):
        raised(cast.daughter, cast)


def test_the_answer_decides_again_with_what_is_known_now(cast: Cast) -> None:
    objection = taken(cast.officer, raised(cast.daughter, cast))
    record_facts(SYSTEM, cast.mother, [NewFact("hukou", "500151001001")], source="gongan")
    done = answered(cast.officer, objection)
    assert (done.state, done.now_result, done.now_fen) == ("answered", "yes", 1_000)
    event = Event.objects.get(kind="objection.answered")
    assert (event.payload["now_fen"], event.payload["fen"]) == (1_000, 0)


def test_what_was_refused_and_is_owed_is_told_to_who_pays(cast: Cast) -> None:
    with clock.moved_to(datetime(2026, 9, 1, 4, tzinfo=UTC)):
        record_facts(SYSTEM, cast.mother, [NewFact("hukou", "500152001001")], source="village")
    objection = taken(cast.officer, raised(cast.daughter, cast))
    assert (objection.then_result, objection.then_fen) == ("no", 0)
    record_facts(SYSTEM, cast.mother, [NewFact("hukou", "500151001001")], source="gongan")
    answered(cast.officer, objection)
    assert Event.objects.get(kind="objection.answered").payload["fen"] == 1_000


def test_whoever_decided_does_not_answer(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    objection = raised(cast.daughter, cast)
    own = [cast.officer.account]
    monkeypatch.setattr(actions.objections, "deciders", lambda _cycle, _town: own)
    with pytest.raises(DecidedYourself):
        taken(cast.officer, objection)
    with pytest.raises(DatabaseError, match="not_judged"), transaction.atomic():
        Objection.objects.filter(pk=objection.pk).update(
            state="taken", taken_by_id=cast.officer.account, not_by=own
        )


def test_only_who_took_it_on_answers(cast: Cast) -> None:
    colleague = make_account("同事", OFFICER, "500151")
    objection = taken(cast.officer, raised(cast.daughter, cast))
    with pytest.raises(NotAllowed, match="刘局已经受理"):
        answered(colleague, objection)


def test_an_answer_says_what_was_found(cast: Cast) -> None:
    objection = taken(cast.officer, raised(cast.daughter, cast))
    with pytest.raises(ReasonMissing):
        answered(cast.officer, objection, "无")


def test_nothing_is_answered_before_somebody_took_it_on(cast: Cast) -> None:
    with pytest.raises(TooLate):
        answered(cast.officer, raised(cast.daughter, cast))


@pytest.mark.parametrize("old", State)
@pytest.mark.parametrize("new", State)
def test_the_database_holds_the_states(cast: Cast, old: State, new: State) -> None:
    objection = raised(cast.daughter, cast)
    path = {State.OPEN: [], State.ANSWERED: [State.TAKEN, State.ANSWERED]}.get(old, [old])
    whole = {"taken_by_id": 1, "answered_at": clock.now(), "now_result": "no"}
    for step in path:
        Objection.objects.filter(pk=objection.pk).update(state=step, **whole)
    if old == new:
        return
    if (old, new) in TRANSITIONS:
        Objection.objects.filter(pk=objection.pk).update(state=new, **whole)
        return
    with pytest.raises(DatabaseError), transaction.atomic():
        Objection.objects.filter(pk=objection.pk).update(state=new, **whole)


def test_what_was_said_cannot_be_rewritten(cast: Cast) -> None:
    objection = raised(cast.daughter, cast)
    with pytest.raises(DatabaseError), transaction.atomic():
        Objection.objects.filter(pk=objection.pk).update(then_fen=1)


def test_the_family_takes_it_back(cast: Cast) -> None:
    objection = raised(cast.daughter, cast)
    with acting(cast.daughter):
        assert actions.withdraw(cast.daughter, objection.pk).state == "withdrawn"
        with pytest.raises(TooLate):
            actions.withdraw(cast.daughter, objection.pk)


def test_the_counter_writes_down_whose_voice_it_is(cast: Cast) -> None:
    with pytest.raises(VoiceMissing):
        raised(cast.officer, cast)
    made = raised(cast.officer, cast, voiced_by="本人")
    assert (made.channel, made.voiced_by, made.raised_by) == ("counter", "本人", "刘局")


def test_a_month_to_come_has_no_result(cast: Cast) -> None:
    with pytest.raises(MonthToCome):
        raised(cast.daughter, cast, month=Month("2099-01"))


def test_no_objection_to_what_is_no_law_here(cast: Cast) -> None:
    with pytest.raises(NotFound):
        raised(cast.daughter, cast, policy="longevity-bishan")


@pytest.mark.parametrize("who", ["stranger_family", "far_officer", "town_officer", "caregiver"])
def test_strangers_neither_object_nor_read(cast: Cast, who: str) -> None:
    stranger = cast.actors()[who]
    with pytest.raises(NotAllowed):
        raised(stranger, cast, voiced_by="本人")
    objection = raised(cast.daughter, cast)
    with acting(stranger), pytest.raises((NotFound, NotAllowed)):
        objections.get(stranger, objection.pk)


def test_the_work_list_is_cut_to_the_scope(cast: Cast) -> None:
    objection = raised(cast.daughter, cast)
    for actor, n in ((cast.officer, 1), (cast.far_officer, 0), (cast.town_officer, 0)):
        with acting(actor):
            assert objections.to_answer(actor).count() == n
    with clock.moved_to(clock.at(objection.due_on + timedelta(days=1), 9)), acting(cast.officer):
        assert objections.overdue(cast.officer) == 1
    assert objection.state == "open"


def test_who_was_told_is_noted_once(cast: Cast) -> None:
    given = actions.GivenNotice(uuid.uuid4(), OCTOBER, "home", "本人")
    with acting(cast.officer):
        for _ in range(2):
            actions.note_given(cast.officer, cast.mother, given)
    assert NoticeGiven.objects.get().by_name == "刘局"
    assert Event.objects.filter(kind="benefit.told").count() == 1


@pytest.mark.parametrize(
    ("way", "listener", "error"), [("x", "本人", WayMissing), ("home", " ", ListenerMissing)]
)
def test_a_note_says_how_and_whom(
    cast: Cast, way: str, listener: str, error: type[Exception]
) -> None:
    given = actions.GivenNotice(uuid.uuid4(), OCTOBER, way, listener)
    with acting(cast.officer), pytest.raises(error):
        actions.note_given(cast.officer, cast.mother, given)


def test_families_do_not_note_that_they_were_told(cast: Cast) -> None:
    given = actions.GivenNotice(uuid.uuid4(), OCTOBER, "home", "本人")
    with acting(cast.daughter), pytest.raises(NotAllowed):
        actions.note_given(cast.daughter, cast.mother, given)
