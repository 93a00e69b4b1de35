"""Ways into the middle of the story: an order placed, assigned, begun, served, confirmed."""

import dataclasses
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction

from songbai.core import clock
from songbai.core.geo import Place
from songbai.domain.catalogue import measures
from songbai.domain.catalogue.rules import Step
from songbai.domain.dispatch.actions import assign
from songbai.domain.dispatch.models import Assignment
from songbai.domain.orders.actions import NewOrder, confirm, place
from songbai.domain.orders.models import Order
from songbai.domain.visits.actions import Scan, check_in, check_out, record_step
from songbai.domain.visits.models import Visit
from songbai.domain.visits.queries import asked_steps

from .cast import HOME, Cast, acting, tomorrow

#: Fen of own money for a bath of 225 yuan with 200 yuan of credit.
OWN_PART = 2_500


def wanted(cast: Cast, **changes: object) -> NewOrder:
    """A bath for Mrs Wang tomorrow between nine and eleven, also when she has one that day."""
    new = NewOrder(
        key=uuid.uuid4(),
        elder=cast.mother,
        offer_ids=[cast.bath.pk],
        window_start=tomorrow(9),
        window_end=tomorrow(11),
        again=True,
    )
    return dataclasses.replace(new, **changes)  # type: ignore[arg-type]  # names of NewOrder


def placed(cast: Cast, **changes: object) -> Order:
    """The daughter has ordered."""
    with acting(cast.daughter):
        return place(cast.daughter, wanted(cast, **changes))


def assigned(cast: Cast, order: Order | None = None) -> Assignment:
    """The dispatcher has sent Li Fang."""
    order = order or placed(cast)
    with acting(cast.dispatcher):
        return assign(cast.dispatcher, order.pk, cast.staff.pk, reason="熟悉这位老人")


def scan(cast: Cast, **changes: object) -> Scan:
    """Mrs Wang's code, scanned at her door."""
    at_door = Scan(uuid.uuid4(), str(cast.mother.door_code), Place(HOME.longitude, HOME.latitude))
    return dataclasses.replace(at_door, **changes)  # type: ignore[arg-type]  # names of Scan


def begun(cast: Cast, assignment: Assignment | None = None, **changes: object) -> Visit:
    """Li Fang has checked in, in time."""
    assignment = assignment or assigned(cast)
    with clock.moved_to(assignment.starts_at), acting(cast.caregiver):
        return check_in(cast.caregiver, assignment.pk, scan(cast, **changes))


def written(step: Step) -> str:
    """What a caregiver writes for a measured step."""
    return measures.example(step.measure)


def all_steps_done(cast: Cast, visit: Visit) -> None:
    """Every step of the standard is ticked."""
    with acting(cast.caregiver):
        for step in asked_steps(visit):
            record_step(cast.caregiver, visit.pk, step.code, done=True, value=written(step))


def end_of(visit: Visit) -> datetime:
    """When a visit of full length ends."""
    return visit.in_at + timedelta(minutes=visit.order.minutes)


def left(cast: Cast, visit: Visit, after: int | None = None, **changes: object) -> Visit:
    """Li Fang checks out, after the full time or after some minutes."""
    moment = end_of(visit) if after is None else visit.in_at + timedelta(minutes=after)
    with clock.moved_to(moment), acting(cast.caregiver):
        return check_out(cast.caregiver, visit.pk, scan(cast, **changes))


def served(cast: Cast, order: Order | None = None) -> Order:
    """The visit is over and waits for the family."""
    visit = begun(cast, assigned(cast, order))
    all_steps_done(cast, visit)
    return left(cast, visit).order


def confirmed(cast: Cast, order: Order | None = None) -> Order:
    """The daughter has confirmed."""
    order = served(cast, order)
    with acting(cast.daughter):
        return confirm(cast.daughter, order.pk, stars=5)


@contextmanager
def afterwards_nothing() -> Iterator[None]:
    """What is written in the block is gone after it: one example of many in one test."""
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)
