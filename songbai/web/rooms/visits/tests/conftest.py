"""Caregivers, signed in, with visits on today's route."""

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client

from songbai.core import clock
from songbai.domain.dispatch.actions import assign
from songbai.domain.dispatch.models import Assignment
from songbai.domain.elders.models import Elder
from songbai.domain.orders.actions import NewOrder, place
from tests.cast import HOME, Cast
from tests.doors import signed_in


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    """Today at eight: visits can still be planned."""
    with clock.moved_to(clock.at(clock.today(), 8)):
        yield


@pytest.fixture
def caregiver(cast: Cast, morning: None) -> Client:
    """Li Fang's phone."""
    return signed_in(cast.caregiver)


def planned(cast: Cast, hour: int = 9, days: int = 0, elder: Elder | None = None) -> Assignment:
    """A bath at the mother's, planned for Li Fang."""
    day = clock.today() + timedelta(days=days)
    order = place(
        cast.daughter,
        NewOrder(
            uuid.uuid4(),
            elder or cast.mother,
            [cast.bath.pk],
            clock.at(day, hour),
            clock.at(day, hour + 1),
            note="听力不好",
            again=True,
        ),
    )
    at = clock.at(day, hour)
    return assign(cast.dispatcher, order.pk, cast.staff.pk, starts_at=at, reason="家属指定")


def scanned(cast: Cast, **changes: str) -> dict[str, str]:
    """What the phone sends from the mother's door."""
    return {
        "record": str(uuid.uuid4()),
        "code": f"https://example.org/d/{cast.mother.door_code}",
        "longitude": str(HOME.longitude),
        "latitude": str(HOME.latitude),
        "device_time": clock.now().isoformat(),
        "reason": "",
        **changes,
    }
