"""One need from the daughter's phone to a settled account, through every action."""

import uuid
from datetime import timedelta

import pytest

from songbai.core import clock
from songbai.core.geo import Place
from songbai.core.ledger.queries import balance, total
from songbai.domain.benefits.tests.giving import credit_left
from songbai.domain.dispatch.actions import plan
from songbai.domain.orders.actions import NewOrder, confirm, place, settle_month, undo_confirmation
from songbai.domain.orders.queries import statement
from songbai.domain.orders.rules import OrderState
from songbai.domain.providers.models import Shift
from songbai.domain.visits.actions import Scan, check_in, check_out, record_step
from songbai.domain.visits.queries import asked_steps, evidence

from .acts import written
from .cast import HOME, Cast, acting, tomorrow

pytestmark = pytest.mark.usefixtures("kernels")


def test_one_need_travels_from_the_phone_to_a_settled_account(cast: Cast) -> None:
    with acting(cast.daughter):
        order = place(
            cast.daughter,
            NewOrder(
                key=uuid.uuid4(),
                elder=cast.mother,
                offer_ids=[cast.bath.pk],
                window_start=tomorrow(9),
                window_end=tomorrow(11),
                expected_own=2_500,
            ),
        )
        assert credit_left(cast.mother, order.month) == 0
    Shift.objects.filter(staff=cast.second_staff).delete()  # only Li Fang works tomorrow
    with acting(cast.dispatcher):
        planned = plan(cast.dispatcher, clock.today() + timedelta(days=1))
    [assignment] = planned.assigned
    assert assignment.staff == cast.staff
    assert "公里" in assignment.reason
    near = Place(HOME.longitude, HOME.latitude)
    code = str(cast.mother.door_code)
    with clock.moved_to(assignment.starts_at), acting(cast.caregiver):
        visit = check_in(cast.caregiver, assignment.pk, Scan(uuid.uuid4(), code, near))
        for step in asked_steps(visit):
            record_step(cast.caregiver, visit.pk, step.code, done=True, value=written(step))
    with (
        clock.moved_to(assignment.starts_at + timedelta(minutes=order.minutes)),
        acting(cast.caregiver),
    ):
        visit = check_out(cast.caregiver, visit.pk, Scan(uuid.uuid4(), code, near))
    assert visit.doubts == []
    visit.refresh_from_db()
    assert all(finding.holds for finding in evidence(visit))
    with acting(cast.daughter):
        confirm(cast.daughter, order.pk, stars=5, comment="很好")
        undo_confirmation(cast.daughter, order.pk)
        done = confirm(cast.daughter, order.pk, stars=5)
    assert done.state == OrderState.DONE
    with acting(cast.provider_staff):
        bill = statement(cast.provider_staff, cast.provider.pk, order.month)
    assert bill.total == 22_500
    assert bill.agrees
    with clock.moved_to(clock.now() + timedelta(minutes=11)), acting(cast.officer):
        assert settle_month(cast.officer, cast.provider.pk, order.month) == 1
    assert balance(f"provider:{cast.provider.pk}:paid") == 22_500
    assert total() == 0
