"""Doubts hold the money until somebody has looked."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.errors import NotAllowed, NotFound
from songbai.core.events.models import Event
from songbai.core.events.registry import said
from songbai.core.ledger.queries import balance
from songbai.core.reasons import ReasonMissing
from songbai.domain.benefits.tests.cycles import another_officer
from songbai.domain.benefits.tests.giving import credit_left
from songbai.domain.dispatch.queries import known_to, open_orders
from songbai.domain.dispatch.queries import visible as visible_assignments
from songbai.domain.dispatch.queries.hands import choice_for
from songbai.domain.orders.actions import confirm, settle_month
from songbai.domain.orders.errors import TooLate
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import statement
from songbai.domain.orders.queries.figures import payable
from songbai.domain.orders.rules import OrderState
from songbai.domain.orders.tasks import confirm_due
from songbai.domain.visits.actions import look
from songbai.domain.visits.queries import figures, not_given, own, route, staff_work
from tests.acts import all_steps_done, assigned, begun, left, served
from tests.cast import Cast, acting

pytestmark = pytest.mark.long

MONTH = timedelta(days=31)
WHY = "打电话问过老人"


def doubted(cast: Cast) -> Order:
    """The caregiver left at once, nobody knows where she was."""
    visit = begun(cast)
    return left(cast, visit, after=0, place=None, code="", reason="老人说不用做了").order


def looked(cast: Cast, order: Order, *, given: bool, after: int = 1) -> Order:
    """Somebody looks some hours after the time in which the visit was to begin."""
    moment = order.window_end + timedelta(hours=after)
    with clock.moved_to(moment), acting(cast.officer):
        return look(cast.officer, order.pk, given=given, reason=WHY)


def settled(cast: Cast, order: Order, payer: Actor | None = None) -> int:
    payer = payer or cast.officer
    with clock.moved_to(order.window_end + timedelta(days=3)), acting(payer):
        return settle_month(payer, cast.provider.pk, order.month)


def said_done(cast: Cast, order: Order) -> Order:
    with acting(cast.daughter):
        return confirm(cast.daughter, order.pk, stars=5)


def test_a_doubtful_visit_is_paid_only_after_a_look(cast: Cast) -> None:
    order = said_done(cast, doubted(cast))
    assert (order.held, settled(cast, order)) == (True, 0)
    with acting(cast.provider_staff):
        bill = statement(cast.provider_staff, cast.provider.pk, order.month)
    assert bill.held == (1, order.total)
    looked(cast, order, given=True)
    assert settled(cast, order, another_officer()) == 1


def test_who_lifted_a_doubt_does_not_pay_that_order(cast: Cast) -> None:
    order = said_done(cast, doubted(cast))
    looked(cast, order, given=True)
    assert settled(cast, order) == 0
    with clock.moved_to(order.window_end + timedelta(days=3)), acting(cast.officer):
        ready = payable(cast.officer, cast.provider.pk, order.month)
    assert (ready.orders, ready.own, ready.later, ready.held) == (0, 1, 0, 0)
    assert settled(cast, order, another_officer()) == 1


def test_time_alone_confirms_no_doubtful_visit(cast: Cast) -> None:
    order = doubted(cast)
    with clock.moved_to(clock.now() + timedelta(days=9)):
        confirm_due(0)
    order.refresh_from_db()
    assert (order.state, order.confirm_due) == (OrderState.TO_CONFIRM, None)
    assert looked(cast, order, given=True).confirm_due is not None


@pytest.mark.parametrize("confirmed", [False, True])
def test_care_that_was_not_given_costs_nothing(cast: Cast, confirmed: bool) -> None:
    order = doubted(cast)
    if confirmed:
        said_done(cast, order)
    found = looked(cast, order, given=False)
    assert (found.state, found.cancel_reason) == (OrderState.CANCELLED, WHY)
    assert balance(f"provider:{cast.provider.pk}:held") == 0
    assert credit_left(cast.mother, order.month) == 20_000


def test_what_was_not_given_before_its_time_is_over_waits_for_somebody_else(cast: Cast) -> None:
    order = doubted(cast)
    counts = {"credit": credit_left(cast.mother, order.month)}
    found = looked(cast, order, given=False, after=-1)
    assert (found.state, found.held, found.confirm_due) == (OrderState.ACCEPTED, False, None)
    assert {"credit": credit_left(cast.mother, order.month)} == counts
    assert not visible_assignments(cast.dispatcher).exists()
    day = order.window_start.astimezone(clock.SHANGHAI).date()
    with acting(cast.dispatcher):
        assert [one.pk for one in open_orders(cast.dispatcher, day)] == [order.pk]
    told = Event.objects.filter(kind="order.looked_at").latest("id")
    assert said(told.kind, told.payload, "family") == "街镇核对过，服务没有做，另外找人去"
    again = assigned(cast, found)
    visit = begun(cast, again)
    all_steps_done(cast, visit)
    left(cast, visit)
    order.refresh_from_db()
    assert (order.state, order.held) == (OrderState.TO_CONFIRM, False)


def test_who_did_not_give_the_care_is_not_proposed_first_again(cast: Cast) -> None:
    order = looked(cast, doubted(cast), given=False, after=-1)
    with clock.moved_to(order.window_end - timedelta(minutes=30)), acting(cast.dispatcher):
        choice = choice_for(cast.dispatcher, order)
    assert [one.worker_id for one, _ in choice.candidates] == [cast.second_staff.pk, cast.staff.pk]
    first, last = [words for _, words in choice.candidates]
    assert "上次这一单核对过没有做" in last
    assert "以前去过" not in first + last


@pytest.mark.parametrize("after", [-1, 1])
def test_who_did_not_give_the_care_has_not_been_there(cast: Cast, after: int) -> None:
    order = looked(cast, doubted(cast), given=False, after=after)
    with clock.moved_to(order.window_end + timedelta(hours=3)):
        assert known_to([order]) == {order.elder_id: frozenset()}


@pytest.mark.parametrize("after", [-1, 1])
def test_a_visit_that_was_none_counts_nowhere(cast: Cast, after: int) -> None:
    order = doubted(cast)
    looked(cast, order, given=False, after=after)
    day = order.window_start.astimezone(clock.SHANGHAI).date()
    district = "500151"
    with clock.moved_to(order.window_end + timedelta(hours=2)):
        with acting(cast.caregiver):
            [worked] = own.worked(cast.caregiver, order.month)
            assert (worked.visits, worked.minutes, len(worked.not_given)) == ([], 0, 1)
            assert [one.state for one in not_given(cast.caregiver, day)] == ["not_given"]
            assert route(cast.caregiver, day) == []
        with acting(cast.officer):
            assert figures.month_sum(cast.officer, district, order.month).done == 0
            assert figures.sum_by_division(cast.officer, district, order.month, 9) == {}
            assert figures.weekly(cast.officer, district, order.window_start - MONTH) == []
            assert not figures.doubted(cast.officer, district, days=60).exists()
            work = staff_work(cast.officer, day).values()
            assert sum(one.done for one in work) == 0


def test_a_visit_without_doubts_is_not_held(cast: Cast) -> None:
    order = served(cast)
    order.refresh_from_db()
    assert (order.held, order.confirm_due is not None) == (False, True)
    with pytest.raises(TooLate):
        looked(cast, order, given=False)


def test_whoever_looks_says_whom_she_asked_and_looks_once(cast: Cast) -> None:
    order = doubted(cast)
    with acting(cast.officer), pytest.raises(ReasonMissing):
        look(cast.officer, order.pk, given=True, reason="好")
    looked(cast, order, given=True)
    with pytest.raises(TooLate):
        looked(cast, order, given=False)


@pytest.mark.parametrize("who", ["provider_staff", "caregiver", "daughter", "far_officer"])
def test_those_who_gain_by_it_do_not_look(cast: Cast, who: str) -> None:
    order, actor = doubted(cast), cast.actors()[who]
    with acting(actor), pytest.raises((NotAllowed, NotFound)):
        look(actor, order.pk, given=True, reason=WHY)


def test_the_database_pays_nothing_that_is_held(cast: Cast) -> None:
    order = said_done(cast, doubted(cast))
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE orders_order SET state = 'settled' WHERE id = %s", [order.pk])
