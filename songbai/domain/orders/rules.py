"""Pure rules of orders: states, price split, time windows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from songbai.core import clock
from songbai.domain.benefits.rules.credit import WHOLE

UNDO = timedelta(minutes=10)
AUTO_CONFIRM = timedelta(hours=24)
#: Earliest and latest hour a home service may begin and must have begun.
FIRST_HOUR, LAST_HOUR = 7, 20
FARTHEST = timedelta(days=60)
#: A window narrower than this can hardly be kept.
NARROWEST = timedelta(minutes=30)


class OrderState(StrEnum):
    """States of an order; words and colours are in the status vocabulary."""

    ACCEPTED = "accepted"  # 待派人
    ASSIGNED = "assigned"  # 已派人
    IN_SERVICE = "in_service"
    TO_CONFIRM = "to_confirm"
    DONE = "done"
    SETTLED = "settled"
    CANCELLED = "cancelled"


#: The one transition table; the database trigger is generated from it.
TRANSITIONS: frozenset[tuple[OrderState, OrderState]] = frozenset(
    {
        (OrderState.ACCEPTED, OrderState.ASSIGNED),
        (OrderState.ASSIGNED, OrderState.ACCEPTED),
        (OrderState.ASSIGNED, OrderState.IN_SERVICE),
        (OrderState.IN_SERVICE, OrderState.TO_CONFIRM),
        (OrderState.TO_CONFIRM, OrderState.DONE),
        (OrderState.DONE, OrderState.TO_CONFIRM),
        (OrderState.DONE, OrderState.SETTLED),
        (OrderState.ACCEPTED, OrderState.CANCELLED),
        (OrderState.ASSIGNED, OrderState.CANCELLED),
    }
)
OPEN = frozenset({OrderState.ACCEPTED, OrderState.ASSIGNED, OrderState.IN_SERVICE})


def may_become(old: OrderState, new: OrderState) -> bool:
    """Whether the state machine has this step."""
    return (old, new) in TRANSITIONS


class Payer(StrEnum):
    """Who pays a share, in the order in which money is taken."""

    CREDIT = "credit"
    VOUCHER = "voucher"
    OWN = "own"


PAYER_WORDS = {Payer.CREDIT: "居家服务额度", Payer.VOUCHER: "消费补贴电子券", Payer.OWN: "自己付"}


@dataclass(frozen=True)
class Split:
    """Shares in fen; they add up to the price."""

    credit: int
    own: int
    voucher: int = 0

    @property
    def total(self) -> int:
        """The whole price."""
        return self.credit + self.voucher + self.own

    def shares(self) -> list[tuple[Payer, int]]:
        """Payers who pay something, in the order in which they pay."""
        amounts = {Payer.CREDIT: self.credit, Payer.VOUCHER: self.voucher, Payer.OWN: self.own}
        return [(payer, amounts[payer]) for payer in Payer if amounts[payer]]


def split_price(total: int, credit_left: int, voucher_left: int = 0, rate: int = 0) -> Split:
    """Credit pays first, a voucher its share of what is then left to pay, own money the rest.

    ``rate`` is that share in hundredths of a percent; parts of a fen are dropped, as the policy
    does. A voucher pays of what is left after all before it: a payer such as the long-term-care
    insurance belongs before it. Raises ValueError for negative amounts and shares above the whole.
    """
    if min(total, credit_left, voucher_left, rate) < 0:
        raise ValueError("amounts must not be negative")
    if rate > WHOLE:
        raise ValueError("a share must not be more than the whole")
    credit = min(total, credit_left)
    rest = total - credit
    voucher = min(rest * rate // WHOLE, voucher_left)
    return Split(credit=credit, voucher=voucher, own=rest - voucher)


class WindowProblem(StrEnum):
    """Why a time window cannot be used, in words for the person who chose it."""

    PAST = "这个时间已经过了。请选晚一点的时间。"
    BACKWARDS = "结束时间要比开始时间晚。"
    NARROW = "时间太短，护理员赶不上。请至少留半小时。"
    NIGHT = "上门服务在 7 点到 20 点之间。请选白天的时间。"
    FAR = "最多提前 60 天预约。请选近一点的日子。"


def window_problem(start: datetime, end: datetime, now: datetime) -> WindowProblem | None:
    """The first thing wrong with a window in which a visit shall begin, or None."""
    if start <= now:
        return WindowProblem.PAST
    if end <= start:
        return WindowProblem.BACKWARDS
    if end - start < NARROWEST:
        return WindowProblem.NARROW
    local_start, local_end = (moment.astimezone(clock.SHANGHAI) for moment in (start, end))
    if (
        local_start.hour < FIRST_HOUR
        or local_end.date() != local_start.date()
        or (local_end.hour, local_end.minute) > (LAST_HOUR, 0)
    ):
        return WindowProblem.NIGHT
    return WindowProblem.FAR if start - now > FARTHEST else None


def order_number(placed: datetime, order_id: int) -> str:
    """A number people can read out: date and running number."""
    return f"{placed.astimezone(clock.SHANGHAI):%y%m%d}{order_id % 1_000_000:06d}"
