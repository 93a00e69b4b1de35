"""Who knocks at a door, and what they come about."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from songbai.core import clock
from songbai.core.accounts.actions import grant_access
from songbai.core.accounts.models import Account
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.geo import Place
from songbai.domain.dispatch.actions import plan
from songbai.domain.elders.actions import recount
from songbai.domain.elders.models import Elder
from songbai.domain.orders.actions import NewOrder, confirm, place
from songbai.domain.orders.models import Order
from songbai.domain.visits.actions import Scan, check_in, check_out, record_step
from songbai.domain.visits.queries import asked_steps
from tests.acts import written
from tests.cast import HOME, Cast, acting, tomorrow

#: Opens the door for one of the cast.
LogIn = Callable[[Actor], Client]


@pytest.fixture(autouse=True)
def fresh_figures() -> None:
    """Small lines of history are kept for minutes: not from test to test."""
    cache.clear()


def signed_in(actor: Actor) -> Client:
    """A browser of this person."""
    client = Client()
    client.force_login(
        Account.objects.get(pk=actor.account),
        backend="songbai.core.accounts.backends.PasswordBackend",
    )
    return client


@pytest.fixture
def log_in() -> LogIn:
    """A client of its own for an actor."""
    return signed_in


@pytest.fixture
def daughter(cast: Cast) -> Client:
    """Mrs Wang's daughter."""
    return signed_in(cast.daughter)


@pytest.fixture
def stranger(cast: Cast) -> Client:
    """Somebody who acts for another elder."""
    return signed_in(cast.stranger_family)


@pytest.fixture
def order(cast: Cast) -> Order:
    """An order of the mother's for tomorrow, and a count of the elders."""
    recount(SYSTEM)
    return placed(cast, cast.mother, cast.daughter)


@pytest.fixture
def done(cast: Cast, order: Order) -> Order:
    """The same order, served twenty minutes late and confirmed with four stars."""
    after = served(cast, order)
    with clock.moved_to(after + timedelta(minutes=1)), acting(cast.daughter):
        return confirm(cast.daughter, order.pk, stars=4)


def placed(cast: Cast, elder: Elder, by: Actor) -> Order:
    """A bath for tomorrow morning."""
    with acting(by):
        return place(
            by,
            NewOrder(
                key=uuid.uuid4(),
                elder=elder,
                offer_ids=[cast.bath.pk],
                window_start=tomorrow(9),
                window_end=tomorrow(11),
                again=True,
            ),
        )


def served(cast: Cast, order: Order) -> datetime:
    """Serve an order twenty minutes late; when it ended."""
    elder = order.elder
    with acting(cast.dispatcher):
        [assignment] = plan(cast.dispatcher, clock.today() + timedelta(days=1)).assigned
    type(assignment).objects.filter(pk=assignment.pk).update(
        staff_id=cast.staff.pk, account_id=cast.caregiver.account, staff_name="李芳"
    )
    grant_access(
        person_id=elder.pk,
        region=elder.region_id,
        why="visit",
        until=clock.now() + timedelta(days=3),
        account_id=cast.caregiver.account,
    )
    near, code = Place(HOME.longitude, HOME.latitude), str(elder.door_code)
    begin = assignment.starts_at + timedelta(minutes=20)
    with clock.moved_to(begin), acting(cast.caregiver):
        visit = check_in(cast.caregiver, assignment.pk, Scan(uuid.uuid4(), code, near))
        for step in asked_steps(visit):
            record_step(cast.caregiver, visit.pk, step.code, done=True, value=written(step))
    after = begin + timedelta(minutes=order.minutes)
    with clock.moved_to(after), acting(cast.caregiver):
        check_out(cast.caregiver, visit.pk, Scan(uuid.uuid4(), code, near))
    return after
