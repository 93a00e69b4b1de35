"""The state machine of the rules is the one the database holds."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import TRANSITIONS, OrderState
from tests.attack import refused
from tests.cast import Cast, tomorrow


def order_in(cast: Cast, state: str) -> Order:
    """An order that was always in this state."""
    return Order.objects.create(
        elder=cast.mother,
        region_id=cast.mother.region_id,
        provider=cast.provider,
        channel="family",
        state=state,
        window_start=tomorrow(9),
        window_end=tomorrow(11),
        minutes=60,
        month="2026-01",
        total=100,
    )


def can_become(order: Order, new: OrderState) -> bool:
    """Try it with raw SQL as the owner, and take it back."""
    point = transaction.savepoint()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE orders_order SET state = %s WHERE id = %s", [new, order.pk])
    except DatabaseError:
        return False
    transaction.savepoint_rollback(point)
    return True


@pytest.mark.parametrize("old", list(OrderState))
def test_the_database_allows_exactly_the_steps_of_the_table(cast: Cast, old: OrderState) -> None:
    order = order_in(cast, old)
    allowed = {new for new in OrderState if new is not old and can_become(order, new)}
    assert allowed == {new for before, new in TRANSITIONS if before is old}


@pytest.mark.parametrize("old", list(OrderState))
def test_an_order_may_be_written_without_a_step(cast: Cast, old: OrderState) -> None:
    order = order_in(cast, old)
    order.note = "后门进"
    order.save()
    assert Order.objects.get().note == "后门进"


def test_a_state_nobody_knows_is_refused(cast: Cast) -> None:
    with pytest.raises(IntegrityError, match="order_state_known"), transaction.atomic():
        order_in(cast, "lost")


def test_an_order_is_never_deleted(cast: Cast) -> None:
    order_in(cast, OrderState.ACCEPTED)
    refused("DELETE FROM orders_order", "Cannot delete")


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("window_end = window_start", "order_window_forwards"),
        ("total = -1", "order_total_not_negative"),
        ("stars = 6", "order_stars_1_to_5"),
        ("stars = 0", "order_stars_1_to_5"),
    ],
)
def test_what_cannot_be_is_refused(cast: Cast, change: str, constraint: str) -> None:
    order_in(cast, OrderState.ACCEPTED)
    refused(f"UPDATE orders_order SET {change}", constraint)
