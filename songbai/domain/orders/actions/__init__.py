"""Placing, cancelling, confirming and settling orders. Each function is one act of one person."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from songbai.core import clock
from songbai.core.accounts.actions import grant_access
from songbai.core.accounts.registry import Act
from songbai.core.accounts.rules import system_only
from songbai.core.acting import Actor, on, publish, require, require_district
from songbai.core.errors import NotAllowed, NotFound, Refused
from songbai.core.found import found_in
from songbai.core.ledger.actions import post
from songbai.core.ledger.queries import bare_transfers_of
from songbai.core.regions.rules import bounds
from songbai.core.waiting import wait_for
from songbai.domain.catalogue.models import Offer
from songbai.domain.catalogue.queries import NotOffered, orderable
from songbai.domain.elders.declares import FAMILY
from songbai.domain.elders.queries import reach_of, require_proxy
from songbai.domain.orders.declares import ORDER_CANCEL, ORDER_CONFIRM, ORDER_PLACE, ORDER_SETTLE
from songbai.domain.providers.models import MedicalPlace
from songbai.domain.providers.queries import medical_place

from .. import money
from ..alike import ask_again
from ..errors import (
    BadWindow,
    DestinationMissing,
    Died,
    FormUsed,
    OrderedOtherwise,
    PriceChanged,
    TooLate,
)
from ..models import Order, OrderLine, PayerShare
from ..queries import purses, quote
from ..queries.books import owed_by
from ..queries.figures import ripe
from ..rows import NewOrder as NewOrder
from ..rows import lines_of, order_of, shares_of_split
from ..rules import (
    AUTO_CONFIRM,
    CANCELLABLE,
    OWN,
    UNDO,
    OrderState,
    Wanted,
    order_number,
    split_price,
    window_problem,
)

#: How long a provider may still see an elder after the last ordered day.
ACCESS_AFTER = timedelta(days=90)


def place(actor: Actor, new: NewOrder) -> Order:
    """Place an order and hold each payer's share; the same key again returns the first order.

    Raises NotAllowed, BadWindow, Died, NotOffered, NotFound, DestinationMissing, LikeOrder,
    PriceChanged, Overdrawn, FormUsed, and OrderedOtherwise when the same key orders something else.
    """
    require(actor, ORDER_PLACE, reach_of(new.elder))
    if actor.kind is FAMILY:
        require_proxy(actor, new.elder, ordering=True)
    earlier = _already_placed(new)
    if earlier:
        return earlier
    problem = window_problem(new.window_start, new.window_end, clock.now())
    if problem:
        raise BadWindow(problem.value)
    if new.elder.died_on:
        raise Died
    if new.elder.merged_into_id:
        raise Refused("这位老人的两条记录已合成一条，请回到首页，从那里重新选老人下单。")
    offers = [orderable(offer_id, new.elder.region_id) for offer_id in new.offer_ids]
    if not offers or len({offer.provider_id for offer in offers}) != 1:
        raise NotOffered("请选一家服务商的一项或几项服务。")
    if len({offer.item.vehicle for offer in offers} - {""}) > 1:
        raise NotOffered("这几项服务要两种不同的车，请分成两单下。")
    going = _destination(new, offers)
    try:
        with transaction.atomic():
            return _write(actor, new, offers, going)
    except IntegrityError as error:
        if "idempotency_key" not in str(error):
            raise
        earlier = _already_placed(new)
        if earlier is None:
            raise FormUsed from error
        return earlier


def _already_placed(new: NewOrder) -> Order | None:
    first = Order.objects.filter(idempotency_key=new.key, elder=new.elder).first()
    if first is not None and not _is_same(first, new):
        raise OrderedOtherwise(first)
    return first


def _is_same(first: Order, new: NewOrder) -> bool:
    """Whether an order is what is ordered; a destination counts where somebody goes out."""
    going = first.destination_id and (new.destination != first.destination_id)
    asked = (new.window_start, new.window_end, new.note.strip(), sorted(new.offer_ids))
    offers = sorted(first.lines.values_list("offer_id", flat=True))
    return not going and asked == (first.window_start, first.window_end, first.note, offers)


def _destination(new: NewOrder, offers: list[Offer]) -> MedicalPlace | None:
    """Where the elder is taken; None when every item stays at home."""
    if not any(offer.item.goes_out for offer in offers):
        return None
    if new.destination is None:
        raise DestinationMissing
    try:
        return medical_place(new.destination)
    except NotFound as error:
        raise DestinationMissing(error.message) from error


def _write(
    actor: Actor, new: NewOrder, offers: list[Offer], destination: MedicalPlace | None
) -> Order:
    price = [(offer.item_id, offer.price) for offer in offers]
    if not new.again:
        minutes = sum(offer.item.minutes for offer in offers)
        items = tuple(item for item, _ in price)
        wanted = Wanted(items, new.window_start, new.window_end, minutes)
        ask_again(new.elder, [wanted], {new.key}, to_doctor=destination is not None)
    split = quote(new.elder, price, clock.month_of(new.window_start))
    if new.expected_own is not None and new.expected_own != split.own:
        raise PriceChanged
    # The key is written first: of two taps at once the second waits here and then finds the first.
    order = order_of(actor, new, offers, destination, split)
    order.save(force_insert=True)
    order.number = order_number(order.placed_at, order.pk)
    order.save(update_fields=["number"])
    OrderLine.objects.bulk_create(lines_of(order, offers))
    shares = PayerShare.objects.bulk_create(shares_of_split(order, split))
    post(actor, money.holds(order, shares))
    grant_access(
        person_id=order.elder_id,
        region=order.region_id,
        why="order",
        until=new.window_end + ACCESS_AFTER,
        organisation_id=order.provider_id,
    )
    _tell(actor, "order.placed", order)
    return order


@transaction.atomic
def cancel(actor: Actor, order_id: int, reason: str = "") -> Order:
    """Cancel an order that has not begun, and give every held share back.

    Raises NotFound, NotAllowed, TooLate.
    """
    order = _lock(actor, order_id, ORDER_CANCEL)
    if order.state not in CANCELLABLE:
        raise TooLate
    _move(order, OrderState.CANCELLED, cancel_reason=reason.strip()[:120])
    post(actor, money.releases(order, order.shares.all()))
    kept = sum(share.amount for share in order.shares.all() if share.payer != OWN)
    _tell(actor, "order.cancelled", order, returned=kept)
    return order


@transaction.atomic
def split_anew(actor: Actor, order_id: int) -> bool:
    """Let money that came since pay an order which is not yet served; whether it did.

    Nobody pays more themselves by it. Raises NotFound, NotAllowed, Overdrawn.
    """
    system_only(actor)
    order = lock(order_id)
    shares = list(order.shares.all())
    held = {share.payer: share.amount for share in shares}
    bags = [
        purse.with_more(held.get(purse.payer.code, 0)) for purse in purses(order.elder, order.month)
    ]
    split = split_price([(line.item_id, line.price) for line in order.lines.all()], bags)
    own = held.get(OWN, 0)
    if order.state not in CANCELLABLE or split.own >= own:
        return False
    round_ = bare_transfers_of("order", order.pk).filter(kind="hold").count()
    post(actor, money.changes(order, shares, split, round_))
    order.shares.all().delete()
    PayerShare.objects.bulk_create(shares_of_split(order, split))
    _tell(actor, "order.split_anew", order, own=split.own, before=own)
    return True


@transaction.atomic
def confirm(actor: Actor, order_id: int, stars: int | None = None, comment: str = "") -> Order:
    """The family says the service was given, and may rate it; the provider has earned its money.

    Raises NotFound, NotAllowed, TooLate.
    """
    order = _lock(actor, order_id, ORDER_CONFIRM)
    if order.state != OrderState.TO_CONFIRM or (actor.is_system and order.held):
        raise TooLate
    if stars is not None and not 1 <= stars <= 5:
        raise Refused("请在一到五颗星里选。", field="stars")
    _move(
        order,
        OrderState.DONE,
        confirmed_at=clock.now(),
        confirmations=order.confirmations + 1,
        stars=stars,
        comment=comment.strip()[:300],
    )
    post(actor, money.earnings(order, order.shares.all()))
    _tell(actor, "order.confirmed", order, stars=stars)
    return order


@transaction.atomic
def undo_confirmation(actor: Actor, order_id: int) -> Order:
    """Within ten minutes take a confirmation back; the earnings are held again.

    Raises NotFound, NotAllowed, TooLate.
    """
    order = _lock(actor, order_id, ORDER_CONFIRM)
    if (
        order.state != OrderState.DONE
        or order.confirmed_at is None
        or clock.now() - order.confirmed_at > UNDO
    ):
        raise TooLate("已经过了 10 分钟，不能撤回了。如果服务有问题，请拨 12349。")
    post(actor, money.takings_back(order, order.shares.all()))
    _move(
        order,
        OrderState.TO_CONFIRM,
        confirmed_at=None,
        confirm_due=_confirm_due(held=order.held),
        stars=None,
        comment="",
    )
    _tell(actor, "order.confirmation_undone", order)
    return order


@transaction.atomic
def settle_month(actor: Actor, provider_id: int, month: str) -> int:
    """Pay a provider what it earned in a month and may be paid now; returns how many orders.

    A district pays, and nobody what rests on the own look at a doubt. What the provider owes a
    district is kept back from what that district pays. Raises NotAllowed.
    """
    require_district(actor, ORDER_SETTLE)
    low, high = bounds(actor.region or "")
    orders = list(
        Order.objects.select_for_update(of=("self",))
        .filter(
            ripe(actor),
            provider_id=provider_id,
            month=month,
            region_id__gte=low,
            region_id__lte=high,
        )
        .select_related("provider")
        .prefetch_related("shares")
        .order_by("id")
    )
    # One posting for all: accounts locked order by order could deadlock with another settlement.
    wait_for([money.debts_of(provider_id)])
    owes = owed_by(provider_id, {order.region_id for order in orders})
    post(actor, [p for order in orders for p in money.payouts(order, order.shares.all(), owes)])
    Order.objects.filter(pk__in=[order.pk for order in orders], state=OrderState.DONE).update(
        state=OrderState.SETTLED, settled_at=clock.now()
    )
    if orders:
        seat = orders[0].provider.region_id
        publish(
            "statement.settled",
            actor,
            subject=("provider", provider_id),
            region=seat if low <= seat <= high else low,
            organisation_id=provider_id,
            month=month,
            orders=len(orders),
        )
    return len(orders)


def mark_assigned(order: Order) -> None:
    """Dispatch found somebody. Called inside dispatch's transaction."""
    if order.state == OrderState.ACCEPTED:
        _move(order, OrderState.ASSIGNED)


def mark_unassigned(order: Order) -> None:
    """Dispatch took somebody away."""
    _move(order, OrderState.ACCEPTED)


def mark_in_service(actor: Actor, order: Order) -> None:
    """The caregiver has checked in."""
    _move(order, OrderState.IN_SERVICE)
    _tell(actor, "order.begun", order)


def mark_served(actor: Actor, order: Order, *, doubtful: bool = False) -> None:
    """The caregiver has checked out; the family is asked to confirm within a day.

    A doubtful visit holds the money, and time alone does not confirm it.
    """
    _move(order, OrderState.TO_CONFIRM, confirm_due=_confirm_due(held=doubtful), held=doubtful)
    _tell(actor, "order.served", order)


def note_looked_at(actor: Actor, order: Order, *, given: bool, reason: str) -> None:
    """Somebody looked at the doubts of a locked order: its money flows, or all of it goes back.

    What was not given while its time is not over waits again for somebody to be sent, and its
    money with it. Raises TooLate when somebody has looked already.
    """
    if not order.held:
        raise TooLate("已经有人核对过这一单了。")
    if given:
        due = _confirm_due(held=False) if order.state == OrderState.TO_CONFIRM else None
        _change(order, held=False, confirm_due=due, looked_by_id=actor.account_id)
    else:
        shares = list(order.shares.all())
        if order.state == OrderState.DONE:
            post(actor, money.takings_back(order, shares))
            _move(order, OrderState.TO_CONFIRM, confirmed_at=None)
        if clock.now() < order.window_end:
            _move(order, OrderState.ACCEPTED, held=False, confirm_due=None, stars=None, comment="")
        else:
            post(actor, money.releases(order, shares))
            _move(order, OrderState.CANCELLED, held=False, cancel_reason=reason[:120])
    again = {} if given else {"again": order.state == OrderState.ACCEPTED}
    _tell(actor, "order.looked_at", order, given=given, reason=reason, **again)


def hold_back(actor: Actor, order_id: int, why: str) -> Order:
    """The family says that an order was not done: its money waits until somebody has looked.

    Raises NotFound, NotAllowed, TooLate.
    """
    order = _lock(actor, order_id, ORDER_CONFIRM)
    if order.state != OrderState.TO_CONFIRM:
        raise TooLate
    _change(order, held=True, confirm_due=None)
    _tell(actor, "order.denied", order, why=why)
    return order


def _confirm_due(*, held: bool) -> datetime | None:
    return None if held else clock.now() + AUTO_CONFIRM


def lock(order_id: int) -> Order:
    """The order, locked for this transaction; None of the later rooms lock it otherwise.

    Raises NotFound.
    """
    return found_in(
        Order.objects.select_for_update(of=("self",))
        .select_related("provider", "elder", "destination")
        .filter(pk=order_id)
    )


def _lock(actor: Actor, order_id: int, act: Act) -> Order:
    order = lock(order_id)
    reach = reach_of(order.elder)
    try:
        require(actor, act, reach)
        if actor.kind is FAMILY:
            require_proxy(actor, order.elder, ordering=True)
    except NotAllowed as error:
        if actor.account_id in reach.accounts:
            raise
        raise NotFound from error
    return order


def _move(order: Order, new: OrderState, **changes: object) -> None:
    _change(order, state=new, **changes)


def _change(order: Order, **changes: object) -> None:
    if Order.objects.filter(pk=order.pk, state=order.state).update(**changes) != 1:
        raise TooLate
    for name, value in changes.items():
        setattr(order, name, value)


def _tell(actor: Actor, kind: str, order: Order, **payload: Any) -> None:
    publish(kind, actor, **on("order", order), organisation_id=order.provider_id, **payload)
