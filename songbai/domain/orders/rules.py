"""Pure rules of orders: states, price split, time windows."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from songbai.core import clock
from songbai.core.ledger.registry import ALL_OF_IT, Payer, Terms, payers
from songbai.core.ledger.rules import FARTHEST, WHOLE

UNDO = timedelta(minutes=10)
AUTO_CONFIRM = timedelta(hours=24)
#: Earliest and latest hour a home service may begin and must have begun.
FIRST_HOUR, LAST_HOUR = 7, 20
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
        (OrderState.TO_CONFIRM, OrderState.CANCELLED),  # somebody looked: it was not given
        (OrderState.TO_CONFIRM, OrderState.ACCEPTED),  # the same, and somebody else may still go
        (OrderState.DONE, OrderState.TO_CONFIRM),
        (OrderState.DONE, OrderState.SETTLED),
        # Found false afterwards, paid or not: two officers take it back.
        (OrderState.DONE, OrderState.CANCELLED),
        (OrderState.SETTLED, OrderState.CANCELLED),
        (OrderState.ACCEPTED, OrderState.CANCELLED),
        (OrderState.ASSIGNED, OrderState.CANCELLED),
    }
)
ENDS = {OrderState.CANCELLED: "ordered anew; what a death stopped that was none is placed again"}
#: Found not to be given after the family confirmed: taken back by two officers.
REVERSIBLE = frozenset({OrderState.DONE, OrderState.SETTLED})
#: Nobody has begun: whoever ordered may cancel.
CANCELLABLE = frozenset({OrderState.ACCEPTED, OrderState.ASSIGNED})
OPEN = frozenset({OrderState.ACCEPTED, OrderState.ASSIGNED, OrderState.IN_SERVICE})
_AGAIN = uuid.UUID("7c1e8f0a-51d5-4a51-9a0e-6f0a3b1f9c20")


def key_again(why: str) -> uuid.UUID:
    """The key of an order that was cancelled and placed again: by the number of what followed from
    a life's turn, or by "parted" and its own number where it went to the other one of a merge.
    """
    return uuid.uuid5(_AGAIN, why)


#: Code of the payer that takes what nobody else pays.
OWN = "own"
#: What is bought: the code of each item, and fen.
Price = Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Purse:
    """What a payer may give: fen ``left`` (None: all that is asked), and on which terms."""

    payer: Payer
    left: int | None
    terms: Terms = ALL_OF_IT

    def __post_init__(self) -> None:
        if self.left is not None and self.left < 0:
            raise ValueError("amounts must not be negative")

    def with_more(self, fen: int) -> Purse:
        """With so much more in it; who gives all that is asked has no end."""
        return self if self.left is None else replace(self, left=self.left + fen)

    def after(self, split: Split) -> Purse:
        """What is left when a split has been paid."""
        left = None if self.left is None else self.left - split.of(self.payer)
        return replace(self, left=left)


@dataclass(frozen=True)
class Share:
    """What one payer pays, in fen."""

    payer: Payer
    amount: int


#: Where the money of an order stands: of what people pay themselves, and of every other payer.
_STANDS = {
    OrderState.ACCEPTED: ("到时付给服务商", "先留着"),
    OrderState.ASSIGNED: ("到时付给服务商", "先留着"),
    OrderState.IN_SERVICE: ("到时付给服务商", "先留着"),
    OrderState.TO_CONFIRM: ("到时付给服务商", "确认了再付"),
    OrderState.DONE: ("付给服务商", "月底付给服务商"),
    OrderState.SETTLED: ("付给服务商", "付给服务商了"),
    OrderState.CANCELLED: ("不用付了", "退回了"),
}
_HELD = ("核对以后才付", "核对以后才付")


def money_stands(state: OrderState, payer: str, *, held: bool = False) -> str:
    """Where a payer's part of an order stands; ``held``: somebody has to look at it first."""
    own, others = _HELD if held else _STANDS[state]
    return own if payer == OWN else others


@dataclass(frozen=True)
class Split:
    """Who pays how much, in the order in which they pay; the shares add up to the price."""

    shares: tuple[Share, ...]

    @property
    def total(self) -> int:
        """The whole price."""
        return sum(share.amount for share in self.shares)

    @property
    def own(self) -> int:
        """What nobody else pays."""
        return sum(share.amount for share in self.shares if share.payer.code == OWN)

    @property
    def others(self) -> list[Share]:
        """What others than the elder pay."""
        return [share for share in self.shares if share.payer.code != OWN]

    def of(self, payer: Payer) -> int:
        """One payer's share."""
        return sum(share.amount for share in self.shares if share.payer == payer)


def columns(shares: Iterable[Share]) -> list[Share]:
    """What each payer pays, also who pays nothing: the columns of a table."""
    split = Split(tuple(shares))
    return [Share(payer, split.of(payer)) for payer in payers()]


def split_price(price: Price, purses: Iterable[Purse]) -> Split:
    """Each payer in turn pays its rate of what is left to pay, as far as its purse reaches.

    Parts of a fen are dropped. Raises ValueError for a negative price, or a rest nobody pays.
    """
    if any(fen < 0 for _, fen in price):
        raise ValueError("amounts must not be negative")
    rest, shares = sum(fen for _, fen in price), []
    for purse in purses:
        of, rate = purse.terms.items, purse.terms.rate
        base = rest if of is None else min(rest, sum(fen for item, fen in price if item in of))
        amount = base * rate // WHOLE
        if purse.left is not None:
            amount = min(amount, purse.left)
        if amount:
            shares.append(Share(purse.payer, amount))
            rest -= amount
    if rest:
        raise ValueError("nobody pays the rest")
    return Split(tuple(shares))


@dataclass(frozen=True)
class Wanted:
    """A visit somebody wants: its items, the window in which it shall begin, and its minutes."""

    items: tuple[str, ...]
    begin: datetime
    end: datetime
    minutes: int

    def crosses(self, other: Wanted) -> bool:
        """Whether two visits to one elder would be asked for one time: their windows lie over each
        other, or whichever comes first, the other would have to begin before it is over.
        """
        if self.begin < other.end and other.begin < self.end:
            return True
        return self._too_late_for(other) and other._too_late_for(self)

    def _too_late_for(self, next_one: Wanted) -> bool:
        return self.begin + timedelta(minutes=self.minutes) > next_one.end


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
