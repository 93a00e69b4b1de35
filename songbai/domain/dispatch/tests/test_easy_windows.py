"""Which times suit the provider, told to a family that orders: yes or no, nothing of anybody."""

import uuid
from datetime import datetime, timedelta

import pytest
from django.db import connection

from songbai.core.accounts.rules import Actor
from songbai.core.errors import NotAllowed
from songbai.core.scope import reading_for
from songbai.domain.dispatch.actions import assign
from songbai.domain.dispatch.models import Assignment
from songbai.domain.dispatch.planner import engine
from songbai.domain.dispatch.queries.trials import NotReady, easy_windows, slots
from songbai.domain.dispatch.rules import ABOUT_AS_CHEAP, easy
from songbai.domain.elders.models import Elder
from songbai.domain.orders.actions import NewOrder, place
from songbai.domain.providers.models import Shift, StaffMember
from tests.acts import assigned
from tests.cast import HOME, Cast, acting, tomorrow

WINDOWS = [(tomorrow(9), tomorrow(11)), (tomorrow(11), tomorrow(13)), (tomorrow(14), tomorrow(16))]
Window = tuple[datetime, datetime]


def asked(cast: Cast, actor: Actor | None = None, windows: list[Window] | None = None) -> object:
    actor = actor or cast.daughter
    with acting(actor):
        return easy_windows(actor, cast.mother, cast.bath, WINDOWS if windows is None else windows)


@pytest.mark.parametrize(
    ("extras", "suits"),
    [
        ([3.0, 9.0, None], [True, False, False]),
        ([3.0, 3.0 + ABOUT_AS_CHEAP, 8.1], [True, True, False]),
        ([None, None], [False, False]),
        ([60.0, 61.0], [True, False]),
        ([138.0, None], [False, False]),
        ([-4.0, 0.0], [True, True]),
        ([], []),
    ],
)
def test_easy_is_about_as_cheap_as_the_cheapest(
    extras: list[float | None], suits: list[bool]
) -> None:
    assert easy(extras) == suits


def neighbours_visit(cast: Cast, hour: int, elder: Elder) -> None:
    """Somebody of the house goes next door at that hour, far from everybody's base."""
    with acting(cast.dispatcher):
        order = place(
            cast.dispatcher,
            NewOrder(
                uuid.uuid4(), elder, [cast.bath.pk], tomorrow(hour), tomorrow(hour + 1), again=True
            ),
        )
        assign(
            cast.dispatcher, order.pk, cast.staff.pk, starts_at=tomorrow(hour), reason="熟悉老人"
        )


def test_a_time_on_somebodys_way_suits(cast: Cast) -> None:
    StaffMember.objects.update(longitude=HOME.longitude + 0.08)
    assert asked(cast) == [True, True, True]
    neighbours_visit(cast, 14, cast.neighbour)
    assert asked(cast) == [False, False, True]


def test_the_days_of_others_are_seen_for_the_answer_and_for_nothing_else(cast: Cast) -> None:
    neighbours_visit(cast, 14, cast.neighbour)
    with acting(cast.daughter):
        easy_windows(cast.daughter, cast.mother, cast.bath, WINDOWS)
        assert not Elder.objects.filter(pk=cast.neighbour.pk).exists()
        assert not Shift.objects.exists()
        assert not Assignment.objects.exists()


def test_a_day_without_anybody_suits_never(cast: Cast) -> None:
    Shift.objects.all().delete()
    assert asked(cast) == [False, False, False]


def test_nobody_who_was_told_a_time_would_get_another(cast: Cast) -> None:
    Shift.objects.exclude(staff=cast.staff).delete()
    neighbours_visit(cast, 9, cast.neighbour)
    assert asked(cast, windows=[(tomorrow(9), tomorrow(9, 5))]) == [False]
    with acting(cast.dispatcher):  # the desk may move it by a while, and is told the price
        [slot] = slots(cast.dispatcher, cast.mother, cast.bath, [(tomorrow(9), tomorrow(9, 5))])
    assert slot.extra is not None


def test_who_would_need_an_hour_of_road_is_not_easy(cast: Cast) -> None:
    StaffMember.objects.update(longitude=HOME.longitude + 0.3)
    assert asked(cast) == [False, False, False]


def test_only_who_may_order_for_her_is_told(cast: Cast) -> None:
    assert asked(cast, cast.dispatcher) == [True, True, True]
    for actor in (cast.stranger_family, cast.caregiver, cast.provider_staff, cast.far_dispatcher):
        with pytest.raises(NotAllowed):
            asked(cast, actor)


def test_nobody_is_made_to_wait_for_the_kernels(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = []
    monkeypatch.setattr(engine, "ready", lambda wait=10.0: waits.append(wait))
    with pytest.raises(NotReady):
        asked(cast)
    assert waits == [0]


def test_for_no_window_there_is_no_answer(cast: Cast) -> None:
    assert asked(cast, windows=[]) is None


def test_of_two_caregivers_at_once_nothing_is_said(cast: Cast) -> None:
    cast.bath.item.caregivers = 2
    assert asked(cast) is None


def settings() -> tuple[object, ...]:
    names = ("role", "songbai.account", "songbai.organisation", "songbai.region_from")
    with connection.cursor() as cursor:
        return tuple(
            cursor.execute("SELECT current_setting(%s, true)", [name]).fetchone() for name in names
        )


def test_reading_for_a_provider_ends_with_its_block_and_writes_nothing(cast: Cast) -> None:
    assigned(cast)
    with acting(cast.daughter):
        before = settings()
        with reading_for(cast.provider.pk):
            assert Shift.objects.exists()
            assert not Shift.objects.exclude(provider=cast.provider).exists()
            Shift.objects.update(created_at=tomorrow(9) + timedelta(days=99))
        assert settings() == before
        with pytest.raises(ZeroDivisionError), reading_for(cast.provider.pk):
            _ = 1 / 0
        assert settings() == before
    assert not Shift.objects.filter(created_at__gt=tomorrow(9) + timedelta(days=90)).exists()


def test_a_provider_is_read_for_and_no_other(cast: Cast) -> None:
    neighbours_visit(cast, 14, cast.neighbour)
    with acting(cast.daughter), reading_for(cast.other_provider.pk):
        assert not Assignment.objects.exists()
        assert not Elder.objects.exists()
