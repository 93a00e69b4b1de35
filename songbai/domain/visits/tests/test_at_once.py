"""A phone that sends twice, and a family that cancels at the door; really committed."""

import pytest

from songbai.core import clock
from songbai.core.errors import SongbaiError
from songbai.domain.dispatch.models import Assignment
from songbai.domain.orders.actions import cancel
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OrderState
from songbai.domain.visits.actions import Scan, check_in, check_out
from songbai.domain.visits.models import Visit
from tests.acts import all_steps_done, assigned, begun, end_of, scan
from tests.cast import Cast, acting
from tests.together import failures, together

pytestmark = pytest.mark.django_db(transaction=True)


def arrive(cast: Cast, assignment: Assignment, told: Scan) -> Visit:
    with acting(cast.caregiver):
        return check_in(cast.caregiver, assignment.pk, told)


def visits(outcomes: list[object]) -> set[int]:
    return {found.pk for found in outcomes if isinstance(found, Visit)}


def test_two_scans_at_once_are_one_visit(cast: Cast) -> None:
    found = assigned(cast)
    scans = [scan(cast) for _ in range(3)]
    with clock.moved_to(found.starts_at):
        outcomes = together(*(lambda told=told: arrive(cast, found, told) for told in scans))
    assert failures(outcomes) == []
    assert visits(outcomes) == {Visit.objects.get().pk}


def test_one_scan_sent_twice_at_once_is_one_visit(cast: Cast) -> None:
    found, told = assigned(cast), scan(cast)
    with clock.moved_to(found.starts_at):
        outcomes = together(*[lambda: arrive(cast, found, told)] * 3)
    assert failures(outcomes) == []
    assert Visit.objects.get().in_record == told.record


def test_leaving_twice_at_once_is_leaving_once(cast: Cast) -> None:
    visit = begun(cast)
    all_steps_done(cast, visit)

    def leave() -> Visit:
        with acting(cast.caregiver):
            return check_out(cast.caregiver, visit.pk, scan(cast))

    with clock.moved_to(end_of(visit)):
        outcomes = together(leave, leave)
    assert failures(outcomes) == []
    assert visits(outcomes) == {visit.pk}


def test_of_arriving_and_cancelling_at_once_only_one_happens(cast: Cast) -> None:
    found = assigned(cast)

    def stop() -> Order:
        with acting(cast.daughter):
            return cancel(cast.daughter, found.order_id)

    with clock.moved_to(found.starts_at):
        outcomes = together(lambda: arrive(cast, found, scan(cast)), stop)
    [error] = failures(outcomes)
    assert isinstance(error, SongbaiError)
    begun_ = Order.objects.get().state == OrderState.IN_SERVICE
    assert Visit.objects.exists() == begun_
