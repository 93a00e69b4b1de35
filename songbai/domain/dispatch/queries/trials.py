"""What would be: a move before it is made, slots for a new order, one caregiver more or less."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from songbai.core import clock
from songbai.core.accounts.queries import reach_of_person
from songbai.core.acting import SYSTEM, Actor, require
from songbai.core.errors import NotFound, Refused
from songbai.core.scope import reading_for
from songbai.core.travel import travel
from songbai.domain.catalogue.models import Offer
from songbai.domain.catalogue.rules import load as catalogue
from songbai.domain.dispatch.declares import DISPATCH_READ
from songbai.domain.dispatch.models import DayPlan, PlanLine
from songbai.domain.dispatch.planner.drafting import Terms, draft_of
from songbai.domain.dispatch.planner.facts import Decided, Need
from songbai.domain.dispatch.planner.figures import Figures
from songbai.domain.dispatch.planner.lines import Line, lines_of
from songbai.domain.dispatch.planner.prices import house
from songbai.domain.dispatch.planner.tasks import with_new
from songbai.domain.dispatch.rules import easy
from songbai.domain.elders.models import Elder
from songbai.domain.orders.declares import ORDER_PLACE
from songbai.domain.providers.models import MedicalPlace

from .days import Area, facts_of, minute_of, moment_of, new_need
from .plans import key_of, line_of, lines_of_plan, prefix_of


class NotReady(Refused):
    """排班程序正在准备，大约要一分钟。请稍后再试；这时可以先用“派”一单一单地派。"""


@dataclass(frozen=True)
class Edit:
    """One move in a draft: points more, visits changed, and the provider's lines after it."""

    provider_id: int
    extra: float
    start: int
    changes: int
    lines: list[Line]


def moved(actor: Actor, found: DayPlan, line: PlanLine, target: Decided) -> Edit | None:
    """What a draft is after one visit went to somebody; None when it cannot be.

    Raises NotAllowed, NotReady.
    """
    from songbai.domain.dispatch.planner import editing, engine

    if not engine.ready():
        raise NotReady
    area = Area(prefix_of(found.region_id), frozenset({line.provider_id}))
    known = {row.order_id for row in found.lines.exclude(override_reason="")}
    facts = facts_of(actor, found.day, area, known | ({line.order_id} if target.despite else set()))
    seats = [
        editing.Seat(key_of(row), row.staff_id, minute_of(found.day, row.starts_at), row.fixed)
        for row in lines_of_plan(found)
        if row.provider_id == line.provider_id and row.staff_id and row.starts_at
    ]
    task, plan = editing.edited(facts, line.provider_id, seats, house(), travel())
    done = editing.move(task, plan, key_of(line), target)
    if done is None:
        return None
    fixed = {seat.key for seat in seats if seat.fixed}
    expected = engine.expected(task, fixed)
    lines = list(lines_of(done.task, done.after, catalogue().skill_words, expected))
    return Edit(line.provider_id, done.extra, done.start, done.changes, lines)


@dataclass(frozen=True)
class Price:
    """What a move costs before it is made; ``extra`` None: it cannot be."""

    extra: float | None
    start: datetime | None
    changed: int


def price_of(
    actor: Actor, day: date, key: str, target: Decided, found: DayPlan | None = None
) -> Price:
    """The price of giving a visit to somebody: in a draft, or as things stand.

    ``key`` is the order's id, with ``+2`` for its second caregiver.

    Raises NotFound, NotAllowed, NotReady.
    """
    from songbai.domain.dispatch.planner import editing, engine
    from songbai.domain.dispatch.planner.soundness import sound_task

    require(actor, DISPATCH_READ)
    if not engine.ready():
        raise NotReady
    done: Edit | editing.Moved | None
    if found is not None:
        done = moved(actor, found, line_of(found, key), target)
    else:
        facts = facts_of(actor, day, Area(actor.region or ""))
        need = next((n for n in facts.needs if n.key == key), None)
        if need is None:
            raise NotFound
        task = sound_task(facts, need.provider_id, house(), travel())
        done = editing.move(task, task.standing, key, target)
    if done is None:
        return Price(None, None, 0)
    return Price(round(done.extra, 1), moment_of(day, done.start), done.changes)


@dataclass(frozen=True)
class Slot:
    """A window offered to a caller: points more for us; None: nobody can come then."""

    begin: datetime
    end: datetime
    extra: float | None
    start: datetime | None


def slots(
    actor: Actor,
    elder: Elder,
    offer: Offer,
    windows: Sequence[tuple[datetime, datetime]],
    destination: MedicalPlace | None = None,
) -> list[Slot]:
    """How well each window of one day suits us for a new order, in the order given.

    ``destination``: where an item that goes out takes the elder. What stands stays with
    whom it is. Raises NotAllowed, NotReady.
    """
    from songbai.domain.dispatch.planner import engine

    require(actor, DISPATCH_READ)
    if not engine.ready():
        raise NotReady
    return _tried(actor, new_need(elder, offer, destination), windows)


def easy_windows(
    actor: Actor, elder: Elder, offer: Offer, windows: Sequence[tuple[datetime, datetime]]
) -> list[bool] | None:
    """Which windows of one day the provider can easily arrange, for a family that orders.

    Nobody who was told a time gets another. The day is looked at as the provider sees it; what
    comes out says yes or no for each window and nothing of anybody. None where it is not known: for
    two caregivers at once, and for an item that ends away from home. Nobody is made to wait for
    the kernels. Raises NotAllowed, NotReady.
    """
    from songbai.domain.dispatch.planner import engine

    require(actor, ORDER_PLACE, reach_of_person(elder.pk, elder.region_id))
    if not windows or offer.item.caregivers > 1 or not offer.item.returns:
        return None
    if not engine.ready(0):
        raise NotReady
    need = new_need(elder, offer)
    with reading_for(offer.provider_id):
        found = _tried(SYSTEM, need, windows, keep=True)
    return easy([slot.extra for slot in found])


def _tried(
    actor: Actor,
    need: Need,
    windows: Sequence[tuple[datetime, datetime]],
    *,
    keep: bool = False,
) -> list[Slot]:
    """A new need in each window; ``keep``: nobody who was told a time gets another."""
    from songbai.domain.dispatch.planner.soundness import sound_task
    from songbai.domain.dispatch.solver.day.explain import cheap_slots

    day = windows[0][0].astimezone(clock.SHANGHAI).date()
    facts = facts_of(actor, day, Area(providers=frozenset({need.provider_id})))
    task = sound_task(facts, need.provider_id, house(), travel(), keep=keep)
    problem, visit = with_new(task, need, travel())
    asked = [(minute_of(day, begin), minute_of(day, end)) for begin, end in windows]
    return [
        Slot(
            begin,
            end,
            None if found.extra is None else round(found.extra, 1),
            None if found.start is None else moment_of(day, round(found.start)),
        )
        for (begin, end), found in zip(
            windows, cheap_slots(problem, task.standing, visit, asked), strict=True
        )
    ]


@dataclass(frozen=True)
class WhatIf:
    """A provider's day planned anew with the crew there is, and with one more or less."""

    name: str
    more: bool
    now: Figures
    then: Figures


def what_if(actor: Actor, day: date, staff_id: int, *, more: bool) -> WhatIf:
    """What one caregiver less, or one more just like her, would make of the day.

    Raises NotFound, NotAllowed, NotReady.
    """
    from songbai.domain.dispatch.planner import engine

    if not engine.ready():
        raise NotReady
    everybody = facts_of(actor, day, Area(actor.region or ""))
    hers = [member for member in everybody.members if member.staff_id == staff_id]
    if not hers:
        raise NotFound("这位护理员这一天不上班。请选当天上班的人。")
    facts = everybody.of(hers[0].provider_id)
    if more:
        twins = tuple(replace(m, shift_id=-m.shift_id, staff_id=-m.staff_id) for m in hers)
        changed = replace(facts, members=facts.members + twins)
    else:
        rest = tuple(m for m in facts.members if m.staff_id != staff_id)
        changed = replace(facts, members=rest)
    terms, words = Terms(seconds=2.0), catalogue().skill_words
    now, then = (draft_of(one, terms, house(), travel(), words) for one in (facts, changed))
    return WhatIf(hers[0].name, more, now.figures, then.figures)
