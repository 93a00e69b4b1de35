"""Reading care plans, always as somebody."""

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db.models import QuerySet

from songbai.core import clock, scope
from songbai.core.acting import SYSTEM, Actor, require
from songbai.core.found import counted, found_in
from songbai.core.regions.rules import inside
from songbai.domain.careplans.declares import CAREPLAN_READ
from songbai.domain.catalogue.models import Offer
from songbai.domain.catalogue.queries import home_offers_of
from songbai.domain.elders.models import Elder
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import placed_again, purses
from songbai.domain.orders.rules import Purse, Wanted, split_price

from .models import CarePlan, CarePlanLine
from .rules import Need, Part, PlanState, Slot, visits, windows


def visible(actor: Actor) -> QuerySet[CarePlan]:
    """Care plans in the actor's scope."""
    return scope.visible(CarePlan, actor)


def get(actor: Actor, plan_id: int) -> CarePlan:
    """One plan in the actor's scope, with its elder and the assessment it came from.

    Raises NotAllowed, NotFound.
    """
    require(actor, CAREPLAN_READ)
    return found_in(
        visible(actor)
        .select_related("elder", "elder__region", "assessment", "region")
        .filter(pk=plan_id)
    )


def of_elder(actor: Actor, elder_id: int) -> QuerySet[CarePlan]:
    """An elder's plans, newest first. Raises NotAllowed."""
    require(actor, CAREPLAN_READ)
    return visible(actor).filter(elder_id=elder_id).order_by("-id")


def in_state(actor: Actor, state: PlanState, region: str = "") -> QuerySet[CarePlan]:
    """Plans of a division that stand in a state, the oldest first. Raises NotAllowed."""
    require(actor, CAREPLAN_READ)
    rows = visible(actor).filter(state=state, **inside(region))
    return rows.select_related("elder", "region").order_by("drafted_at", "id")


def open_of(records: Collection[int]) -> QuerySet[CarePlan]:
    """Plans of these records that are in force or wait to be agreed on; the caller cuts."""
    return CarePlan.objects.filter(
        elder_id__in=records, state__in=[PlanState.DRAFT, PlanState.AGREED]
    )


def counts(actor: Actor, region: str = "") -> dict[PlanState, int]:
    """How many plans of a division stand in each state. Raises NotAllowed."""
    require(actor, CAREPLAN_READ)
    rows = visible(actor).filter(**inside(region))
    return {PlanState(state): n for state, n in sorted(counted(rows, "state").items())}


def lines_of(plan: CarePlan) -> list[CarePlanLine]:
    """The lines, most frequent first, with item and offer; the plan came from a scoped query."""
    rows = CarePlanLine.objects.filter(plan=plan).select_related("item", "offer__provider")
    return sorted(rows, key=lambda line: (-line.frequency.a_year, line.item_id))


def offers_for(plan: CarePlan, items: Iterable[str]) -> dict[str, list[Offer]]:
    """Who gives which item in the elder's village, cheapest first."""
    found: dict[str, list[Offer]] = {}
    for offer in home_offers_of(items, plan.region_id):
        found.setdefault(offer.item_id, []).append(offer)
    return found


@dataclass(frozen=True)
class PlannedVisit:
    """One visit of the coming week: when it begins, what is done, what it costs in fen.

    ``own`` is what nobody else pays; ``order`` is there once it is ordered (also when it was
    cancelled since; where it was placed again, that one). ``key`` is the same for the same visit
    for ever.
    """

    key: uuid.UUID
    part: Part
    begin: datetime
    end: datetime
    lines: tuple[CarePlanLine, ...]
    price: int
    own: int
    order: Order | None

    @property
    def offers(self) -> list[int]:
        """What is ordered."""
        return [line.offer_id for line in self.lines if line.offer_id]

    @property
    def day(self) -> date:
        """On which day."""
        return self.begin.astimezone(clock.SHANGHAI).date()

    @property
    def minutes(self) -> int:
        """Planned length."""
        return sum(line.minutes for line in self.lines)

    @property
    def provider(self) -> str:
        """Who comes."""
        offer = self.lines[0].offer
        return offer.provider.name if offer else ""


@dataclass(frozen=True)
class Week:
    """The seven days from tomorrow: visits, and lines nobody can be ordered for."""

    first: date
    visits: tuple[PlannedVisit, ...]
    without: tuple[CarePlanLine, ...]

    @property
    def open(self) -> list[PlannedVisit]:
        """Visits not ordered yet."""
        return [visit for visit in self.visits if visit.order is None]

    @property
    def wanted(self) -> list[Wanted]:
        """What each of them asks for."""
        return [
            Wanted(tuple(line.item_id for line in one.lines), one.begin, one.end, one.minutes)
            for one in self.open
        ]

    @property
    def price(self) -> int:
        """Fen for what is not ordered yet."""
        return sum(visit.price for visit in self.open)

    @property
    def own(self) -> int:
        """Fen of it that nobody else pays."""
        return sum(visit.own for visit in self.open)


def _begins(
    slots: Iterable[Slot], lines: Mapping[int, CarePlanLine]
) -> dict[Slot, tuple[datetime, datetime]]:
    """The window of each visit: those of a day one after the other."""
    found = {}
    for day, own in groupby(slots, key=lambda slot: slot.day):
        of_day = list(own)
        lengths = [(s.part, sum(lines[pk].minutes for pk in s.lines)) for s in of_day]
        for slot, (begin, end) in zip(of_day, windows(lengths), strict=True):
            found[slot] = clock.at(day, *divmod(begin, 60)), clock.at(day, *divmod(end, 60))
    return found


def _needs(line: CarePlanLine) -> list[Need]:
    """What a line asks for, if somebody offers it."""
    if line.offer is None or not line.offer.active:
        return []
    item, provider = line.item, line.offer.provider_id
    return [Need(line.pk, line.frequency, provider, item.vehicle, frozenset(item.skills))]


def _key(plan: CarePlan, slot: Slot) -> uuid.UUID:
    said = f"{slot.day} {slot.part} {slot.provider} {slot.vehicle}".split()
    return uuid.uuid5(plan.key, " ".join([*said, *slot.skills]))


def week_of(plan: CarePlan) -> Week:
    """What the plan asks for in the seven days from tomorrow; it came from a scoped query."""
    first = clock.today() + timedelta(days=1)
    lines = {line.pk: line for line in lines_of(plan) if line.kept}
    needs = [need for line in lines.values() for need in _needs(line)]
    able = {need.line for need in needs}
    begin = (plan.agreed_at or plan.drafted_at).astimezone(clock.SHANGHAI).date()
    slots = visits(needs, first, begin, phase=plan.pk)
    keys = {slot: _key(plan, slot) for slot in slots}
    first_placed = scope.visible(Order, SYSTEM).filter(idempotency_key__in=keys.values())
    now = placed_again(first_placed)
    placed = {
        order.idempotency_key: now[order.pk]
        for order in first_placed
        if now[order.pk].elder_id == plan.elder_id
    }
    found = tuple(_planned(plan.elder, lines, _begins(slots, lines), keys, placed))
    without = tuple(line for pk, line in lines.items() if pk not in able)
    return Week(first, found, without)


def _planned(
    elder: Elder,
    lines: Mapping[int, CarePlanLine],
    begins: Mapping[Slot, tuple[datetime, datetime]],
    keys: Mapping[Slot, uuid.UUID],
    placed: Mapping[uuid.UUID, Order],
) -> Iterator[PlannedVisit]:
    """The visits with what each costs; what one takes of a purse the next one has not."""
    held: dict[str, list[Purse]] = {}
    for slot, key in keys.items():
        done = tuple(lines[pk] for pk in slot.lines)
        price = [(line.offer.item_id, line.offer.price) for line in done if line.offer]
        month, own, order = clock.month_of(slot.day), 0, placed.get(key)
        if order is None:
            before = held.get(month) or purses(elder, month)
            split = split_price(price, before)
            held[month], own = [purse.after(split) for purse in before], split.own
        window = begins[slot] if order is None else (order.window_start, order.window_end)
        fen = sum(fen for _, fen in price)
        yield PlannedVisit(key, slot.part, *window, done, fen, own, order)
