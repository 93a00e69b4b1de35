"""An escort to hospital, from the daughter's phone to the provider's statement."""

from datetime import timedelta

import pytest

from songbai.core import clock
from songbai.core.geo import Mode, distance_km
from songbai.core.travel import travel
from songbai.domain.dispatch.actions import plan
from songbai.domain.dispatch.models import Assignment
from songbai.domain.orders.actions import confirm
from songbai.domain.orders.queries import statement
from songbai.domain.orders.rules import OrderState
from songbai.domain.providers.models import Shift
from songbai.domain.visits.queries import evidence

from .acts import all_steps_done, begun, left, placed
from .cast import HOME, Cast, acting, tomorrow
from .escorts import at, hospital, ordered

pytestmark = pytest.mark.usefixtures("kernels")


def test_an_escort_from_the_order_to_the_statement(cast: Cast) -> None:
    there = hospital(km=4)
    order = ordered(cast, there)
    after = placed(cast, window_start=tomorrow(11), window_end=tomorrow(14))
    Shift.objects.exclude(staff=cast.staff).delete()  # Li Fang does both
    with acting(cast.dispatcher):
        planned = plan(cast.dispatcher, clock.today() + timedelta(days=1))
    assert planned.open == {}
    first, second = Assignment.objects.order_by("starts_at")
    assert (first.order, second.order) == (order, after)

    way = travel().minutes(at(there), HOME, Mode.EBIKE)
    assert way > 10
    assert second.travel_minutes == way
    assert second.metres == round(distance_km(at(there), HOME) * 1000)
    assert second.starts_at >= first.during.upper + timedelta(minutes=way)

    visit = begun(cast, first)
    all_steps_done(cast, visit)
    visit = left(cast, visit, code="", place=at(there))
    assert visit.doubts == []
    assert visit.out_metres == 0
    found = {finding.name: finding for finding in evidence(visit)}
    assert found["送到哪里"].holds
    assert there.name in found["送到哪里"].found
    assert all(finding.holds for finding in found.values())

    with acting(cast.daughter):
        done = confirm(cast.daughter, order.pk, stars=5)
    assert done.state == OrderState.DONE
    with acting(cast.provider_staff):
        bill = statement(cast.provider_staff, cast.provider.pk, order.month)
    assert bill.total == order.total == 7_000
    assert bill.agrees
