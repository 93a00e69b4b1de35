"""Orders of the dead, and of who left the district, are cancelled and their money goes back; placed
again when it was an error.
"""

from collections.abc import Collection, Iterator

from django.db import transaction
from django.db.models import QuerySet

from songbai.core import scope
from songbai.core.accounts.rules import Actor
from songbai.core.errors import SongbaiError
from songbai.domain.elders.actions.turning import ask_to_see_to
from songbai.domain.elders.models import Elder, Followed
from songbai.domain.elders.queries.family import kin_of
from songbai.domain.elders.under_way import Cause, Life, Parting, under_way

from . import actions
from .models import Order
from .queries import like, wanted_of
from .rules import CANCELLABLE, OrderState, key_again


def _waiting(records: Collection[int]) -> QuerySet[Order]:
    return Order.objects.filter(
        elder_id__in=records, state__in=[OrderState.ACCEPTED, OrderState.ASSIGNED]
    )


def _stop(actor: Actor, life: Life, order: Order) -> str:
    actions.cancel(actor, order.pk, life.words)
    return f"订单 {order.number} 取消，钱退回"


def _again(actor: Actor, life: Life, followed: Followed) -> bool:
    """The same order anew, if it can still be given."""
    order = Order.objects.prefetch_related("lines").get(pk=followed.subject_id)
    return _placed_for(actor, life.elder, order, str(followed.pk))


def _placed_for(actor: Actor, elder: Elder, order: Order, why: str) -> bool:
    """The same order for somebody, if it can be given."""
    try:
        with transaction.atomic():
            actions.place(
                actor,
                actions.NewOrder(
                    key=key_again(why),
                    elder=elder,
                    offer_ids=[line.offer_id for line in order.lines.all()],
                    window_start=order.window_start,
                    window_end=order.window_end,
                    note=order.note,
                    destination=order.destination_id,
                    again=True,
                ),
            )
    except SongbaiError:
        return False
    return True


def _is_of(actor: Actor, elder: Elder, order: Order) -> bool:
    """Whether her family placed an order, or one of hers was placed again."""
    stopped = scope.visible(Followed, actor).filter(elder=elder, what="order")
    again = {key_again(str(pk)) for pk in stopped.values_list("pk", flat=True)}
    return order.placed_by_id in kin_of(elder) or order.idempotency_key in again


def _part(actor: Actor, parting: Parting) -> None:
    """An order of the time in between is hers whose family alone placed it; else somebody asks."""
    begun = Order.objects.filter(
        elder=parting.kept, placed_at__gte=parting.since, placed_at__lt=parting.until
    ).exclude(state=OrderState.CANCELLED)
    for order in begun.select_related("placed_by").order_by("pk"):
        hers, others = (_is_of(actor, one, order) for one in (parting.back, parting.kept))
        if others and not hers:
            continue
        if hers and not others and order.state in CANCELLABLE:
            actions.cancel(actor, order.pk, "合并撤回，改记到另一位老人名下")
            if _placed_for(actor, parting.back, order, f"parted {order.pk}"):
                continue
        words = f"订单 {order.number} 是合并期间下的，请问清是谁的"
        ask_to_see_to(parting.back, "order", order.pk, words, parted=parting.merge)


def _met(root: Elder, came: Collection[int]) -> Iterator[tuple[int, str]]:
    """Two records ordered one visit each: the desk asks whether both shall be, and when."""
    waiting = _waiting([root.pk]).filter(pk__in=came).prefetch_related("lines")
    for order in waiting.order_by("pk"):
        found = like(root, wanted_of(order))
        others = [one for one in found if one.state in CANCELLABLE and one.pk not in came]
        if others:
            numbers = "、".join(str(one.number) for one in others)
            words = f"合并后订单 {order.number} 和 {numbers} 撞在一起，请问家里：要不要两次，几点"
            yield order.pk, words


under_way(
    Order,
    "order",
    "订单",
    rows=_waiting,
    stop=_stop,
    again=_again,
    causes=(Cause.DIED, Cause.MOVED, Cause.LEFT),
    part=_part,
    met=_met,
    back="按原样又下了单",
)
