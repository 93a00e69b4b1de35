"""People who use the family door, signed in."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.test import Client

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.accounts.rules import Actor
from songbai.core.geo import Place
from songbai.domain.dispatch.actions import assign
from songbai.domain.orders.actions import NewOrder, place
from songbai.domain.orders.models import Order
from songbai.domain.visits.actions import Scan, check_in, check_out, record_step
from songbai.domain.visits.queries import asked_steps
from tests.cast import HOME, Cast, tomorrow

BACKEND = "songbai.core.accounts.backends.PasswordBackend"


def signed_in(actor: Actor) -> Client:
    """A browser of this person."""
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account), backend=BACKEND)
    return client


@pytest.fixture
def daughter(cast: Cast) -> Client:
    """Mrs Wang's daughter."""
    return signed_in(cast.daughter)


@pytest.fixture
def stranger(cast: Cast) -> Client:
    """Somebody who acts for another elder."""
    return signed_in(cast.stranger_family)


def placed(cast: Cast) -> Order:
    """An order for tomorrow morning: 225 yuan, of which the credit pays 200."""
    return place(
        cast.daughter,
        NewOrder(uuid.uuid4(), cast.mother, [cast.bath.pk], tomorrow(9), tomorrow(11)),
    )


def served(cast: Cast) -> Order:
    """An order that waits for the family's word."""
    order = placed(cast)
    arrival = tomorrow(9)
    sent = assign(cast.dispatcher, order.pk, cast.staff.pk, starts_at=arrival, reason="家属指定")
    code, near = str(cast.mother.door_code), Place(HOME.longitude, HOME.latitude)
    with clock.moved_to(arrival):
        visit = check_in(cast.caregiver, sent.pk, Scan(uuid.uuid4(), code, near))
        for step in asked_steps(visit):
            record_step(cast.caregiver, visit.pk, step.code, done=True, value="39")
    with clock.moved_to(arrival + timedelta(minutes=order.minutes)):
        check_out(cast.caregiver, visit.pk, Scan(uuid.uuid4(), code, near))
    order.refresh_from_db()
    return order
