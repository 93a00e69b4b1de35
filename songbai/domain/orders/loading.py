"""Orders by volume: the rows the actions write, each act at its own moment."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from songbai.core.accounts.models import Access
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.events.actions import event_of
from songbai.core.events.models import Event
from songbai.core.ledger.actions import Posting
from songbai.core.ledger.loading import Books
from songbai.core.ledger.registry import Payer
from songbai.core.loading import Load, fresh
from songbai.domain.catalogue.models import Offer
from songbai.domain.providers.models import MedicalPlace

from . import money
from .actions import ACCESS_AFTER
from .models import Order, OrderLine, PayerShare
from .rows import NewOrder, lines_of, order_of, shares_of_split
from .rules import AUTO_CONFIRM, OWN, OrderState, Split, order_number


@dataclass
class Past:
    """Orders that went on as they would have by the actions; nothing is asked or refused.

    ``tells`` says of which acts (order, moment) there are events: all, or the last days'.
    ``close`` writes everything.
    """

    load: Load
    books: Books
    tells: Callable[[Order, datetime], bool] = lambda _order, _at: True
    events: list[Event] = field(default_factory=list)
    shares: dict[int, list[PayerShare]] = field(default_factory=dict)
    access: dict[tuple[object, ...], Access] = field(default_factory=dict)

    def place(
        self,
        actor: Actor,
        at: datetime,
        new: NewOrder,
        offers: Sequence[Offer],
        destination: MedicalPlace | None,
        split: Split,
    ) -> Order:
        """An order with its lines and shares, held for the provider."""
        order = self.load.add(order_of(actor, new, offers, destination, split, fresh(Order)))
        order.placed_at, order.number = at, order_number(at, order.pk)
        for line in lines_of(order, offers, fresh(OrderLine)):
            self.load.add(line)
        self.shares[order.pk] = shares_of_split(order, split, fresh(PayerShare))
        self._post(actor, at, money.holds, order)
        self.grant(
            order, at, new.window_end + ACCESS_AFTER, "order", organisation_id=order.provider_id
        )
        self.tell(actor, at, "order.placed", order)
        return order

    def split_anew(self, at: datetime, order: Order, split: Split) -> None:
        """Money came that pays before people do."""
        was = self.shares[order.pk]
        own = sum(share.amount for share in was if share.payer == OWN)
        self.books.post(SYSTEM, at, money.changes(order, was, split, len(was)))
        self.shares[order.pk] = shares_of_split(order, split, fresh(PayerShare))
        self.tell(SYSTEM, at, "order.split_anew", order, own=split.own, before=own)

    def cancel(self, actor: Actor, at: datetime, order: Order, reason: str) -> None:
        """Called off before it began; every share goes back where it came from."""
        order.state, order.cancel_reason = OrderState.CANCELLED, reason
        shares = self.shares[order.pk]
        self.books.post(actor, at, money.releases(order, shares, Payer.account_of))
        kept = sum(share.amount for share in shares if share.payer != OWN)
        self.tell(actor, at, "order.cancelled", order, returned=kept)

    def begin(self, actor: Actor, at: datetime, order: Order) -> None:
        """The caregiver has come."""
        order.state = OrderState.IN_SERVICE
        self.tell(actor, at, "order.begun", order)

    def serve(self, actor: Actor, at: datetime, order: Order, *, doubtful: bool) -> None:
        """The caregiver has left; a doubtful visit holds the money."""
        order.state, order.held = OrderState.TO_CONFIRM, doubtful
        order.confirm_due = None if doubtful else at + AUTO_CONFIRM
        self.tell(actor, at, "order.served", order)

    def look(self, actor: Actor, at: datetime, order: Order, reason: str) -> None:
        """Somebody asked about the doubts: the care was given, the money flows."""
        waits = order.state == OrderState.TO_CONFIRM
        order.held, order.confirm_due = False, at + AUTO_CONFIRM if waits else None
        order.looked_by_id = actor.account_id
        self.tell(actor, at, "order.looked_at", order, given=True, reason=reason)

    def confirm(
        self, actor: Actor, at: datetime, order: Order, stars: int | None = None, comment: str = ""
    ) -> None:
        """The family, or after a day the program, says it was given."""
        order.state, order.confirmed_at = OrderState.DONE, at
        order.confirmations += 1
        order.stars, order.comment = stars, comment
        self._post(actor, at, money.earnings, order)
        self.tell(actor, at, "order.confirmed", order, stars=stars)

    def settle(self, actor: Actor, at: datetime, orders: Sequence[Order]) -> None:
        """A provider is paid for orders of one month."""
        for order in orders:
            order.state, order.settled_at = OrderState.SETTLED, at
            self._post(actor, at, money.payouts, order)
        provider, said = orders[0].provider, {"month": orders[0].month, "orders": len(orders)}
        event = event_of(
            "statement.settled",
            actor,
            ("provider", provider.pk),
            provider.region_id,
            organisation_id=provider.pk,
            payload=said,
        )
        event.at = at
        self.events.append(event)

    def grant(self, order: Order, at: datetime, until: datetime, why: str, **to: int) -> None:
        """Let an account or organisation reach the elder; a later end wins."""
        key = (order.elder_id, why, *to.items())
        found = self.access.get(key)
        if found is None:
            whose = {"person_id": order.elder_id, "region_id": order.region_id}
            self.access[key] = fresh(Access)(
                why=why, valid_from=at, valid_until=until, **whose, **to
            )
        else:
            found.valid_until = max(found.valid_until, until)

    def tell(self, actor: Actor, at: datetime, kind: str, order: Order, **payload: Any) -> None:
        """What happened to the order, where it is told."""
        if self.tells(order, at):
            whose = order.region_id, order.elder_id, order.provider_id
            event = event_of(kind, actor, ("order", order.pk), *whose, payload, fresh(Event))
            event.at = at
            self.events.append(event)

    def close(self) -> int:
        """Write all of it, events in the order of time; returns how many transfers."""
        shares = (share for found in self.shares.values() for share in found)
        for row in (
            *shares,
            *self.access.values(),
            *sorted(self.events, key=lambda event: event.at),
        ):
            self.load.add(row)
        count = self.books.close()
        self.load.flush()
        return count

    def _post(
        self,
        actor: Actor,
        at: datetime,
        moving: Callable[[Order, Iterable[PayerShare]], list[Posting]],
        order: Order,
    ) -> None:
        self.books.post(actor, at, moving(order, self.shares[order.pk]))
