"""Who could be sent by hand for one order, with reasons; or why nobody."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from songbai.core import clock
from songbai.core.acting import Actor, require
from songbai.core.travel import travel
from songbai.domain.catalogue.rules import load as catalogue
from songbai.domain.dispatch.declares import DISPATCH_READ
from songbai.domain.dispatch.models import Assignment
from songbai.domain.dispatch.planner.apart import Block, parted
from songbai.domain.dispatch.planner.facts import Facts, Member, Need
from songbai.domain.dispatch.planner.hand import as_told, offers
from songbai.domain.dispatch.planner.prices import house
from songbai.domain.dispatch.planner.tasks import Task
from songbai.domain.dispatch.rules import (
    AssignmentState,
    Candidate,
    Refusal,
    reason_words,
    why_open,
)
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OrderState

from . import Ties, minute_of, need_of, ties_of
from .days import told_on


@dataclass(frozen=True)
class Board:
    """What stands on a day; each provider's part is laid out once for all its orders."""

    facts: Facts
    laid_out: dict[int, Task] = field(default_factory=dict)

    def offers(self, job: Need) -> list[Candidate]:
        """Everybody who could do a job, cheapest first."""
        provider = job.provider_id
        if provider not in self.laid_out:
            self.laid_out[provider] = as_told(self.facts, provider, house(), travel())
        return offers(self.laid_out[provider], job, travel())


def board_of(
    actor: Actor, day: date, providers: Collection[int], without_order: int | None = None
) -> Board:
    """The board of some providers' day; ``without_order``: as if nobody were sent for that one."""
    return Board(told_on(actor, day, providers, without_order))


def job_of(facts: Facts, order: Order, ties: Ties, seat: int = 1) -> Need:
    """One caregiver's part of an order; a window already begun starts now, and nobody is to come
    while somebody else is at the elder's; but the second of two comes when the first does.
    """
    soonest = 0 if facts.now is None else facts.now + 1
    earliest = max(minute_of(facts.day, order.window_start), soonest)
    own = Block(order.pk, earliest, minute_of(facts.day, order.window_end), order.minutes)
    windows = parted([own, *(_told(facts.day, *one) for one in ties.beside)])
    window = windows.get(order.pk, (own.earliest, own.latest))
    job = need_of(order, seat, window, ties.known, ties.asked, failed=ties.failed)
    others = [n.standing for n in facts.needs if n.order_id == order.pk and n.seat != seat]
    for other in others:
        if other is not None:
            begin, gone = max(other.start, soonest), job.refused | {other.staff_id}
            job = replace(job, earliest=begin, latest=begin, refused=gone)
    return job


def _told(day: date, order_id: int, begins: datetime, ends: datetime) -> Block:
    begin = minute_of(day, begins)
    return Block(order_id, begin, begin, minute_of(day, ends) - begin, fixed=True)


@dataclass(frozen=True)
class Choice:
    """Who could do an order, best first with reasons; who is qualified but busy; or why nobody."""

    candidates: list[tuple[Candidate, str]]
    busy: list[Member]
    refusal: Refusal | None


def choose(board: Board, order: Order, ties: Ties, seat: int = 1) -> Choice:
    """The choice for one order on a board."""
    job = job_of(board.facts, order, ties, seat)
    found = board.offers(job)
    able = {candidate.worker_id for candidate in found}
    own = board.facts.of(order.provider_id).members
    words = catalogue().skill_words
    return Choice(
        [(one, reason_words(one, order.skills, words, job.vehicle)) for one in found],
        [member for member in own if member.staff_id not in able and job.suits(member)],
        None if found else why_open(job, own),
    )


def choice_for(actor: Actor, order: Order) -> Choice:
    """Who could do an order, as if nobody had been sent yet; where one of two was, for the other.

    Raises NotAllowed.
    """
    require(actor, DISPATCH_READ)
    day = order.window_start.astimezone(clock.SHANGHAI).date()
    standing = Assignment.objects.filter(order_id=order.pk, state=AssignmentState.ACTIVE)
    taken = set(standing.values_list("seat", flat=True)) if order.caregivers > 1 else set()
    half = order.state == OrderState.ACCEPTED and bool(taken)
    board = board_of(actor, day, {order.provider_id}, None if half else order.pk)
    seat = 2 if taken == {1} else 1
    return choose(board, order, ties_of([order])[order.pk], seat)
