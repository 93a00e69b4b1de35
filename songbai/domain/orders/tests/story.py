"""Short ways through an order's life that need no dispatch and no visit."""

from datetime import timedelta

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.ledger.queries import balance
from songbai.core.ledger.registry import Terms, payer_of
from songbai.domain.benefits.declares import CREDIT, VOUCHER
from songbai.domain.orders.actions import confirm, mark_assigned, mark_in_service, mark_served
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OWN, UNDO, Purse, Split, split_price
from tests.acts import placed
from tests.cast import Cast

OWN_MONEY = payer_of(OWN)
#: Of a price alone: one thing that is bought.
THING = "thing"
AFTER_UNDO = UNDO + timedelta(minutes=1)


def split(total: int, credit: int, voucher: int = 0, rate: int = 0) -> Split:
    """How a price is split between credit, voucher and own money."""
    purses = [Purse(CREDIT, credit), Purse(VOUCHER, voucher, Terms(rate)), Purse(OWN_MONEY, None)]
    return split_price([(THING, total)], purses)


def given(order: Order) -> Order:
    """Somebody came and did it; the family has not confirmed yet."""
    mark_assigned(order)
    mark_in_service(SYSTEM, order)
    mark_served(SYSTEM, order)
    return order


def earned(order: Order) -> Order:
    """Given and confirmed by the program."""
    return confirm(SYSTEM, given(order).pk)


def books(cast: Cast) -> dict[str, int]:
    """Fen on every account that an order of Mrs Wang's moves."""
    month, provider = clock.month_of(clock.now() + timedelta(days=1)), cast.provider.pk
    return {
        "credit": balance(f"elder:{cast.mother.pk}:credit:{month}"),
        "own": balance(f"elder:{cast.mother.pk}:own"),
        "held": balance(f"provider:{provider}:held"),
        "earned credit": balance(f"provider:{provider}:earned:credit:{month}"),
        "earned own": balance(f"provider:{provider}:earned:own:{month}"),
        "paid": balance(f"provider:{provider}:paid"),
    }


def bath(cast: Cast) -> Order:
    """A bath for Mrs Wang: 200 yuan of credit, 25 of her own."""
    return placed(cast)


START = {"credit": 20_000, "own": 0, "held": 0, "earned credit": 0, "earned own": 0, "paid": 0}
HELD = START | {"credit": 0, "own": -2_500, "held": 22_500}
EARNED = HELD | {"held": 0, "earned credit": 20_000, "earned own": 2_500}
PAID = HELD | {"held": 0, "paid": 22_500}
