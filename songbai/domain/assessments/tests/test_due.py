"""When somebody is assessed again, and who sees the list."""

import uuid
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.audit.models import Read
from songbai.core.errors import NotAllowed, Refused
from songbai.domain.assessments import actions, queries
from songbai.domain.assessments.models import Assessment, Occurrence
from songbai.domain.assessments.queries.figures import figures
from songbai.domain.assessments.queries.lists import (
    DueCount,
    bodies,
    due_by_body,
    due_by_division,
    due_list,
)
from songbai.domain.assessments.queries.sharing import NoConsent, Purpose, share
from songbai.domain.assessments.rules.due import (
    Due,
    Event,
    Happening,
    Why,
    due,
    months_later,
    valid_until,
)
from songbai.domain.assessments.rules.process import State
from songbai.domain.elders.models import Consent
from songbai.domain.elders.rules.consents import purposes
from tests.cast import Cast, acting

from .forms import GBT
from .scene import Scene, asked, concluded, filled, make_scene, signed

pytestmark = pytest.mark.long

FIRST = date(2026, 1, 10)
TO = valid_until(GBT.process, FIRST)
EXPIRES = Due(TO - timedelta(days=60), Why.EXPIRES)


def day(n: int) -> date:
    return FIRST + timedelta(days=n)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], EXPIRES),
        ([(Happening.FALL, 5)], EXPIRES),
        ([(Happening.FALL, 5), (Happening.FALL, 20)], Due(day(34), Why.RISK_EVENTS)),
        ([(Happening.FALL, 5), (Happening.CHOKED, 5)], Due(day(19), Why.RISK_EVENTS)),
        ([(Happening.FALL, 5), (Happening.FALL, 35)], EXPIRES),
        ([(Happening.FALL, -3), (Happening.FALL, 5)], EXPIRES),
        ([(Happening.LEFT_HOSPITAL, 40)], Due(day(70), Why.LEFT_HOSPITAL)),
        ([(Happening.WOKE_FROM_COMA, 40)], Due(day(54), Why.WOKE_FROM_COMA)),
        ([(Happening.LEFT_HOSPITAL, 9), (Happening.DIED, 40)], None),
    ],
)
def test_what_makes_an_assessment_due(
    events: list[tuple[Happening, int]], expected: Due | None
) -> None:
    assert due(GBT.process, FIRST, TO, [Event(kind, day(n)) for kind, n in events]) == expected


EVENTS = st.lists(st.builds(Event, st.sampled_from(Happening), st.dates(FIRST, TO)), max_size=6)


@given(EVENTS, EVENTS)
def test_more_that_happens_never_puts_it_off(some: list[Event], more: list[Event]) -> None:
    alive = [one for one in [*some, *more] if one.kind is not Happening.DIED]
    few = due(GBT.process, FIRST, TO, alive[: len(alive) // 2])
    many = due(GBT.process, FIRST, TO, alive)
    assert few and many and many.day <= few.day <= EXPIRES.day


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [(date(2024, 1, 31), 1, date(2024, 2, 29)), (date(2024, 2, 29), 24, date(2026, 2, 28)),
     (date(2026, 12, 1), 1, date(2027, 1, 1))],
)  # fmt: skip
def test_months_end_where_months_end(start: date, months: int, end: date) -> None:
    assert months_later(start, months) == end


@pytest.fixture
def scene(cast: Cast) -> Scene:
    return make_scene(cast)


def note(scene: Scene, kind: Happening, record: uuid.UUID | None = None) -> Occurrence:
    actor = scene.cast.dispatcher
    with acting(actor):
        return actions.note(
            actor, scene.cast.mother, kind, clock.today(), record=record or uuid.uuid4(),
            source="alarm:1",
        )  # fmt: skip


def test_two_falls_bring_the_next_assessment_forward(scene: Scene) -> None:
    found, record = concluded(scene), uuid.uuid4()
    note(scene, Happening.FALL, record)
    note(scene, Happening.FALL, record)
    found.refresh_from_db()
    assert found.due_why == "expires"
    note(scene, Happening.FALL)
    found.refresh_from_db()
    assert (found.due_why, found.due_on) == ("risk_events", clock.today() + timedelta(days=14))


def test_a_death_ends_what_is_open_and_what_is_due(scene: Scene) -> None:
    found = concluded(scene)
    second = asked(scene.cast)
    note(scene, Happening.DIED)
    found.refresh_from_db()
    second.refresh_from_db()
    assert (found.due_on, second.state) == (None, State.CANCELLED)


def test_nothing_happens_tomorrow(scene: Scene) -> None:
    with pytest.raises(Refused):
        actions.note(
            SYSTEM, scene.cast.mother, Happening.FALL, clock.today() + timedelta(days=1),
            record=uuid.uuid4(), source="x",
        )  # fmt: skip


def test_due_and_overdue_by_town_and_body(scene: Scene) -> None:
    found = concluded(scene)
    with acting(scene.cast.officer):
        assert due_by_division(scene.cast.officer, "500151") == {}
    for days, expected in ((0, DueCount(1, 0)), (31, DueCount(1, 1))):
        moment = clock.at((found.due_on or FIRST) + timedelta(days=days), 12)
        with clock.moved_to(moment), acting(scene.cast.officer):
            assert due_by_division(scene.cast.officer, "500151") == {"500151001": expected}
            assert due_by_body(scene.cast.officer) == {found.body_id: expected}
            assert list(due_list(scene.cast.officer, "500151", overdue=days > 0)) == [found]
        for actor in (scene.cast.far_officer, scene.cast.town_officer):
            with clock.moved_to(moment), acting(actor):
                assert not due_list(actor).exists()
                assert due_by_division(actor, "500151") == {}


def test_what_is_due_is_asked_for_once(scene: Scene) -> None:
    found = concluded(scene)
    assert actions.request_due(GBT.code) == 0
    with clock.moved_to(clock.at(found.due_on or FIRST, 12)):
        assert (actions.request_due(GBT.code), actions.request_due(GBT.code)) == (1, 0)
    assert Assessment.objects.filter(channel="due", state=State.ACCEPTED).count() == 1


def test_a_result_is_shared_for_a_purpose_and_leaves_a_trace(scene: Scene) -> None:
    concluded(scene)
    officer = scene.cast.officer
    with acting(officer):
        told = share(officer, scene.cast.mother, GBT.code, Purpose.CIVIL_AFFAIRS, where="/x/")
        assert told and (told.level, told.standard) == (0, "GB/T 42195-2022")
        with pytest.raises(NoConsent):
            share(officer, scene.cast.mother, GBT.code, Purpose.CARE_INSURANCE, where="/x/")
    assert [row.purpose for row in Read.objects.all()] == ["民政：核定养老服务待遇（法定职责）"]


def test_consent_to_the_words_of_today_opens_the_insurance_and_its_withdrawal_closes_it(
    scene: Scene,
) -> None:
    concluded(scene)
    mother, officer = scene.cast.mother, scene.cast.officer
    today = purposes()["medical_insurance"].version
    for given_, version in ((True, today - 1), (True, today), (False, today)):
        Consent.objects.create(
            elder=mother, region_id=mother.region_id, purpose="medical_insurance", version=version,
            given=given_, standing="self", by_name="王桂英",
        )  # fmt: skip
        with acting(officer):
            if given_ and version == today:
                assert share(officer, mother, GBT.code, Purpose.CARE_INSURANCE, where="/x/")
            else:
                with pytest.raises(NoConsent):
                    share(officer, mother, GBT.code, Purpose.CARE_INSURANCE, where="/x/")


@pytest.mark.parametrize("name", ["far_officer", "daughter", "provider_staff", "caregiver"])
def test_nobody_else_is_told(scene: Scene, name: str) -> None:
    actor = getattr(scene.cast, name)
    with acting(actor), pytest.raises(NotAllowed):
        share(actor, scene.cast.mother, GBT.code, Purpose.CIVIL_AFFAIRS, where="/x/")


def test_figures_of_a_body(scene: Scene) -> None:
    found = concluded(scene, signed(scene, filled(scene)))
    with acting(scene.cast.officer):
        rows = figures(scene.cast.officer, "500151", GBT.code)
        assert bodies(scene.cast.officer).count() == 2
    row = rows[found.body_id or 0]
    assert (row.assessed, row.pairs, row.agreeing, row.kappa) == (1, 1, 1, None)
    assert row.minutes == pytest.approx(60, abs=1)
    with acting(scene.cast.far_officer):
        assert figures(scene.cast.far_officer, "500151", GBT.code) == {}
    with acting(scene.cast.daughter), pytest.raises(NotAllowed):
        figures(scene.cast.daughter, "500151", GBT.code)


def test_suggestions_come_from_the_agreed_answers(scene: Scene) -> None:
    found = concluded(scene)
    assert queries.suggestions_of(found) == []
    assert queries.suggestions_of(asked(scene.cast)) == []
