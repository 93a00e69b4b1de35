"""Where a caregiver is: only if she chose to, only at work, only the last place."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.errors import NotAllowed, NotFound
from songbai.core.events.models import Event
from songbai.core.geo import Place
from songbai.core.retention.actions import run
from songbai.domain.dispatch import actions
from songbai.domain.dispatch.actions import Fix, share_position, tell_position
from songbai.domain.dispatch.models import Assignment, PlanLine, Position
from songbai.domain.dispatch.queries.days import facts_of
from songbai.domain.dispatch.queries.positions import on_the_map, sharing_of, shift_at
from songbai.domain.dispatch.rules import COARSEST, FRESH, SOONEST, AssignmentState, says_where
from tests.acts import all_steps_done, assigned, begun, left, placed
from tests.cast import HOME, Cast, acting, make_account, tomorrow

pytestmark = pytest.mark.long

#: About eight kilometres from Mrs Wang's door: half an hour on an electric bicycle.
FAR = Place(HOME.longitude + 8 / 96.5, HOME.latitude)


def today(hour: int, minute: int = 0) -> datetime:
    """A time of the day it is now."""
    return clock.at(clock.today(), hour, minute)


def fix(at: datetime, where: Place = FAR, accuracy: float = 20) -> Fix:
    return Fix(where, accuracy, at)


def tell(cast: Cast, told: Fix) -> bool:
    with acting(cast.caregiver):
        return tell_position(cast.caregiver, told)


def share(cast: Cast, *, shared: bool = True) -> Position:
    with acting(cast.caregiver):
        return share_position(cast.caregiver, shared=shared)


@pytest.fixture
def at_work(cast: Cast) -> Iterator[Assignment]:
    """Half past eight on a day with a visit at nine, and she shares where she is."""
    found = assigned(cast, placed(cast, window_start=tomorrow(9), window_end=tomorrow(10)))
    with clock.moved_to(tomorrow(8, 30)):
        share(cast)
        yield found


@pytest.mark.parametrize(
    ("minutes", "accuracy", "says"),
    [
        (0, 20, True),
        (10, COARSEST, True),
        (10.1, 20, False),
        (-10.1, 20, False),
        (0, COARSEST + 1, False),
        (0, -1, False),
        (0, float("nan"), False),
    ],
)
def test_what_says_where_somebody_is(minutes: float, accuracy: float, says: bool) -> None:
    now = clock.now()
    assert says_where(now - timedelta(minutes=minutes), now, accuracy) is says


def test_the_last_position_is_kept_and_none_before(cast: Cast, at_work: Assignment) -> None:
    now = clock.now()
    assert tell(cast, fix(now - timedelta(minutes=2), HOME))
    assert tell(cast, fix(now))
    row = Position.objects.get()
    assert (row.longitude, row.latitude, row.at) == (FAR.longitude, FAR.latitude, now)


def test_what_comes_late_or_out_of_order_changes_nothing(cast: Cast, at_work: Assignment) -> None:
    now = clock.now()
    assert tell(cast, fix(now))
    for late in (timedelta(0), timedelta(seconds=1), timedelta(minutes=3)):
        assert not tell(cast, fix(now - late, HOME))
    assert Position.objects.get().longitude == FAR.longitude


def test_sent_every_second_it_is_heard_every_ten(cast: Cast, at_work: Assignment) -> None:
    now = clock.now() - timedelta(minutes=1)
    heard = [tell(cast, fix(now + timedelta(seconds=second))) for second in range(24)]
    assert sum(heard) == 24 // (SOONEST.seconds + 1) + 1


@pytest.mark.parametrize("minutes", [11, -11])
def test_a_stale_one_or_a_wrong_clock_is_no_news(
    cast: Cast, at_work: Assignment, minutes: int
) -> None:
    assert not tell(cast, fix(clock.now() - timedelta(minutes=minutes)))
    assert Position.objects.get().at is None


def test_a_clock_that_is_ahead_is_not_believed(cast: Cast, at_work: Assignment) -> None:
    assert tell(cast, fix(clock.now() + timedelta(minutes=4)))
    row = Position.objects.get()
    assert row.seen_at == row.received_at


def test_nobody_is_asked_before_she_chose(cast: Cast) -> None:
    assigned(cast)
    with clock.moved_to(tomorrow(8)), pytest.raises(actions.NotShared):
        tell(cast, fix(clock.now()))
    assert not Position.objects.exists()


def test_outside_the_shift_nothing_is_taken(cast: Cast, at_work: Assignment) -> None:
    for hour, minute in ((6, 59), (19, 1)):
        with clock.moved_to(today(hour, minute)), pytest.raises(actions.NotAtWork):
            tell(cast, fix(clock.now()))
    with clock.moved_to(today(7, 2)):
        assert not tell(cast, fix(today(6, 58)))
    with acting(cast.dispatcher):
        actions.note_absent(cast.dispatcher, cast.staff.pk, clock.today(), "发烧")
    with pytest.raises(actions.NotAtWork):
        tell(cast, fix(clock.now()))


def test_after_the_last_visit_nothing_is_taken(cast: Cast, at_work: Assignment) -> None:
    visit = begun(cast, at_work)
    all_steps_done(cast, visit)
    gone = left(cast, visit)
    assert gone.out_at is not None
    with clock.moved_to(gone.out_at + timedelta(minutes=1)), pytest.raises(actions.NobodyLeft):
        tell(cast, fix(clock.now()))


def test_switching_off_forgets_at_once_and_can_be_done_at_any_time(
    cast: Cast, at_work: Assignment
) -> None:
    tell(cast, fix(clock.now()))
    with clock.moved_to(today(23)):
        row = share(cast, shared=False)
    assert (row.shared, row.longitude, row.at) == (False, None, None)
    with pytest.raises(actions.NotShared):
        tell(cast, fix(clock.now()))


def test_her_row_says_what_she_chose_last_and_when(cast: Cast, at_work: Assignment) -> None:
    since = Position.objects.get().decided_at
    tell(cast, fix(clock.now()))
    with clock.moved_to(today(9)):
        kept = share(cast)
        assert (kept.decided_at, kept.longitude) == (since, FAR.longitude)
        assert share(cast, shared=False).decided_at >= today(9)


def test_maps_are_woken_by_news_only_and_not_told_who(
    cast: Cast, at_work: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[tuple[object, ...]] = []
    monkeypatch.setattr(actions.positions, "wake", lambda *said: woken.append(said))
    now = clock.now()
    for _ in range(3):
        tell(cast, fix(now))
    share(cast, shared=False)
    assert woken == [("position.changed", ["region:500151"])] * 2


def test_no_event_says_where_anybody_was(cast: Cast, at_work: Assignment) -> None:
    before = Event.objects.count()
    tell(cast, fix(clock.now()))
    share(cast, shared=False)
    assert Event.objects.count() == before


def test_only_a_caregiver_shares_and_only_her_own(cast: Cast, at_work: Assignment) -> None:
    for actor in (cast.daughter, cast.dispatcher, cast.officer, cast.provider_staff):
        with acting(actor), pytest.raises(NotAllowed):
            share_position(actor, shared=True)
        with acting(actor), pytest.raises(NotAllowed):
            tell_position(actor, fix(clock.now()))
    nobody = make_account("新来的", cast.caregiver.kind)  # type: ignore[arg-type]  # has one
    with acting(nobody), pytest.raises(NotFound):
        share_position(nobody, shared=True)
    with acting(cast.other_caregiver), pytest.raises(actions.NotShared):
        tell_position(cast.other_caregiver, fix(clock.now()))


def test_the_database_keeps_no_place_that_is_not_shared(cast: Cast, at_work: Assignment) -> None:
    tell(cast, fix(clock.now()))
    for wrong in ({"shared": False}, {"at": None}, {"longitude": 500.0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Position.objects.update(**wrong)


def test_the_night_forgets_where_she_was_and_keeps_her_choice(
    cast: Cast, at_work: Assignment
) -> None:
    tell(cast, fix(clock.now()))
    with clock.moved_to(clock.at(clock.today() + timedelta(days=1), 2, 40)):
        assert run(SYSTEM)["positions"] == 1
        assert run(SYSTEM)["positions"] == 0
    row = Position.objects.get()
    assert (row.shared, row.longitude, row.latitude, row.accuracy, row.at, row.received_at) == (
        *(True, None, None, None, None, None),
    )


def shown(actor: Actor) -> list[tuple[str, bool]]:
    with acting(actor):
        return [(seen.name, seen.fresh) for seen in on_the_map(actor)]


def test_the_desk_of_the_place_sees_her_and_no_other(cast: Cast, at_work: Assignment) -> None:
    tell(cast, fix(clock.now()))
    assert shown(cast.dispatcher) == [("李芳", True)]
    assert shown(cast.far_dispatcher) == []
    assert on_the_map(cast.far_dispatcher) == []
    for actor in (cast.officer, cast.provider_staff, cast.caregiver, cast.daughter):
        with acting(actor), pytest.raises(NotAllowed):
            on_the_map(actor)


def test_after_ten_minutes_it_is_old_and_after_the_shift_it_is_gone(
    cast: Cast, at_work: Assignment
) -> None:
    tell(cast, fix(clock.now()))
    with clock.moved_to(clock.now() + FRESH + timedelta(minutes=1)):
        assert shown(cast.dispatcher) == [("李芳", False)]
    with clock.moved_to(today(19, 1)):
        assert shown(cast.dispatcher) == []


def test_her_page_knows_until_when_it_sends(cast: Cast, at_work: Assignment) -> None:
    def until() -> datetime | None:
        with acting(cast.caregiver):
            return sharing_of(cast.caregiver, cast.staff).until

    assert until() == today(19)
    with clock.moved_to(today(19, 1)):
        assert until() is None
    Assignment.objects.update(ended_at=clock.now())
    assert until() is None


def test_a_shift_is_told_to_who_works_it(cast: Cast, at_work: Assignment) -> None:
    now = clock.now()
    assert shift_at(cast.staff, now) == (today(7), today(19))
    cast.staff.account_id = cast.other_caregiver.account
    assert shift_at(cast.staff, now) is None


def test_who_is_far_away_is_warned_of_before_the_time(cast: Cast, at_work: Assignment) -> None:
    with clock.moved_to(today(8, 50)):
        assert actions.watch_progress(SYSTEM) == 0
        tell(cast, fix(clock.now()))
        assert actions.watch_progress(SYSTEM) == 1
    at_work.refresh_from_db()
    assert at_work.expected_at is not None and at_work.expected_at > today(9, 15)


def test_an_old_position_warns_of_nothing(cast: Cast, at_work: Assignment) -> None:
    tell(cast, fix(clock.now()))
    with clock.moved_to(clock.now() + FRESH + timedelta(minutes=1)):
        facts = facts_of(SYSTEM, clock.today())
        assert [member.here for member in facts.members] == [None, None, None]


def test_the_rest_of_the_day_is_planned_from_where_she_is(cast: Cast, at_work: Assignment) -> None:
    def way() -> int:
        with acting(cast.dispatcher):
            plan = actions.draft(cast.dispatcher, clock.today())
        return PlanLine.objects.get(plan=plan, staff=cast.staff).metres

    with acting(cast.dispatcher):
        actions.note_absent(cast.dispatcher, cast.second_staff.pk, clock.today(), "发烧")
    from_base = way()
    Assignment.objects.filter(state=AssignmentState.ACTIVE).update(metres=0)
    tell(cast, fix(clock.now()))
    assert way() > from_base + 5_000
