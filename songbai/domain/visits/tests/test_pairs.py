"""An order for two: each scans; the first in begins it, the last out ends it."""

from datetime import timedelta

import pytest

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.domain.dispatch.actions import assign
from songbai.domain.dispatch.models import Assignment
from songbai.domain.orders.errors import TooLate
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OrderState
from songbai.domain.providers.declares import CAREGIVER
from songbai.domain.providers.models import StaffMember
from songbai.domain.visits.actions import check_in, check_out
from songbai.domain.visits.models import Visit
from tests.acts import placed, scan
from tests.cast import Cast, acting, make_account, tomorrow


def state() -> str:
    return Order.objects.get().state


def sent_together(cast: Cast) -> Actor:
    """Both are sent for nine o'clock; returns the second."""
    cast.bath.item.caregivers = 2
    cast.bath.item.save(update_fields=["caregivers"])
    second = make_account("张芬", CAREGIVER)
    StaffMember.objects.filter(pk=cast.second_staff.pk).update(account_id=second.account)
    order = placed(cast)
    with acting(cast.dispatcher):
        for staff in (cast.staff, cast.second_staff):
            assert state() == OrderState.ACCEPTED
            assign(cast.dispatcher, order.pk, staff.pk, starts_at=tomorrow(9), reason="两人一起去")
    assert state() == OrderState.ASSIGNED
    return second


def comes(cast: Cast, actor: Actor, minutes: int) -> Visit:
    row = Assignment.objects.get(state="active", account_id=actor.account)
    with clock.moved_to(tomorrow(9) + timedelta(minutes=minutes)), acting(actor):
        return check_in(actor, row.pk, scan(cast))


def leaves(cast: Cast, actor: Actor, visit: Visit, minutes: int) -> None:
    with clock.moved_to(tomorrow(9) + timedelta(minutes=minutes)), acting(actor):
        check_out(actor, visit.pk, scan(cast, reason="没有都做完"))


def test_the_first_in_begins_and_the_last_out_ends_it(cast: Cast) -> None:
    second = sent_together(cast)
    assert sorted(Assignment.objects.values_list("seat", flat=True)) == [1, 2]
    visits = comes(cast, cast.caregiver, 1), comes(cast, second, 3)
    assert state() == OrderState.IN_SERVICE
    leaves(cast, cast.caregiver, visits[0], 62)
    assert state() == OrderState.IN_SERVICE
    leaves(cast, second, visits[1], 64)
    assert state() == OrderState.TO_CONFIRM


def test_whoever_comes_when_it_is_over_does_not_begin_it_again(cast: Cast) -> None:
    second = sent_together(cast)
    leaves(cast, cast.caregiver, comes(cast, cast.caregiver, 0), 60)
    with pytest.raises(TooLate):
        comes(cast, second, 65)
