"""The desk's queue of open orders, and the words its panes share."""

import time
from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.regions.models import Region
from songbai.core.regions.queries import children
from songbai.core.regions.rules import Level
from songbai.domain.dispatch.queries import open_orders, ties_of
from songbai.domain.dispatch.queries.hands import Choice, board_of, choose
from songbai.domain.orders.models import Order
from songbai.domain.providers.queries import staff_on

PER_PAGE = 20
#: Seconds for all suggestions of a page; only while kernels are compiled they take so long.
MOST_SECONDS = 1.0
LATER = Choice([], [], None)


def towns_of(actor: Actor) -> dict[str, Region]:
    """The towns of the desk's district, by code prefix."""
    return {town.code[:9]: town for town in children((actor.region or "")[:6], Level.TOWN)}


def crew_on(actor: Actor, day: date, provider_id: int | None = None) -> list[tuple[int, str]]:
    """Who works on a day, of one provider or of all, once each and by name, for lists to choose."""
    shifts = staff_on(actor, day)
    if provider_id is not None:
        shifts = shifts.filter(provider_id=provider_id)
    return sorted({(s.staff_id, s.staff.name) for s in shifts}, key=lambda pair: pair[1])


@dataclass(frozen=True)
class Waiting:
    """One row of the queue; ``choice`` says who could go."""

    order: Order
    town: str
    choice: Choice

    @property
    def waited(self) -> int:
        """Whole minutes since the order was placed."""
        return max(0, int((clock.now() - self.order.placed_at).total_seconds() // 60))

    @property
    def hours_waited(self) -> int:
        """Whole hours since the order was placed."""
        return self.waited // 60

    @property
    def first(self) -> tuple[str, str, int] | None:
        """The first suggestion: masked name, reason, caregiver."""
        if not self.choice.candidates:
            return None
        best, reason = self.choice.candidates[0]
        return best.worker_name, reason, best.worker_id


def queue_of(actor: Actor, day: date, page: int = 1) -> tuple[list[Waiting], Page[Order]]:
    """Open orders of a day, twenty at a time, and which page of how many these are.

    One board serves all suggestions; those that would keep the page waiting are left to the order.
    """
    from songbai.domain.dispatch.planner import engine

    engine.ready(0)  # fetched meanwhile, where nobody has asked for a plan yet
    shown = Paginator(open_orders(actor, day), PER_PAGE).get_page(page)
    orders = list(shown.object_list)
    board = board_of(actor, day, {order.provider_id for order in orders})
    ties, towns = ties_of(orders), towns_of(actor)
    until = time.monotonic() + MOST_SECONDS
    rows = [
        Waiting(
            order,
            towns[order.region_id[:9]].name if order.region_id[:9] in towns else "",
            choose(board, order, ties[order.pk]) if time.monotonic() < until else LATER,
        )
        for order in orders
    ]
    return rows, shown
