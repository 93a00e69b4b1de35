"""Orders as a family has them."""

import uuid
from datetime import timedelta

from songbai.core import clock
from songbai.core.geo import Place
from songbai.domain.dispatch.actions import assign
from songbai.domain.orders.actions import NewOrder, place
from songbai.domain.orders.models import Order
from songbai.domain.visits.actions import Scan, check_in, check_out, record_step
from songbai.domain.visits.queries import asked_steps
from tests.acts import written
from tests.cast import HOME, Cast, tomorrow


def placed(cast: Cast) -> Order:
    """An order for tomorrow morning: 225 yuan, of which the credit pays 200."""
    return place(
        cast.daughter,
        NewOrder(uuid.uuid4(), cast.mother, [cast.bath.pk], tomorrow(9), tomorrow(11), again=True),
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
            record_step(cast.caregiver, visit.pk, step.code, done=True, value=written(step))
    with clock.moved_to(arrival + timedelta(minutes=order.minutes)):
        check_out(cast.caregiver, visit.pk, Scan(uuid.uuid4(), code, near))
    order.refresh_from_db()
    return order
