"""Caregivers' routes of a day as lines of time: as they stand, or as a draft would have them."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import ceil, floor

from django.db.models import prefetch_related_objects

from songbai.core import clock
from songbai.core.travel import travel
from songbai.domain.dispatch.models import Assignment, DayPlan, PlanLine
from songbai.domain.dispatch.queries import vehicle_of
from songbai.domain.dispatch.queries.plans import key_of, lines_of_plan
from songbai.domain.dispatch.vehicles import Vehicle, refills
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import home_of
from songbai.domain.elders.rules import mask_name
from songbai.domain.orders.rules import OrderState
from songbai.domain.providers.rules import REFILL_WORDS
from songbai.domain.visits.queries import RouteStop, day_routes
from songbai.web.rooms.orders.words import services

from .crew import Crew, state_of

MOST_LINES = 12
FIRST_HOUR, LAST_HOUR = 7, 20
#: The picture is no narrower than so many hours.
FEWEST_HOURS = 9
#: Pixels of an hour, at least and at most; and from one visit to the next: a target of 24
#: (WCAG 2.2, 2.5.8) and two between.
FEWEST_PX, MOST_PX, TARGET_PX = 58, 160, 26
STATE_WORDS = {
    "done": "做完了",
    "now": "正在服务",
    "late": "可能迟到",
    "plan": "已排",
    "sug": "草稿里改的",
}
#: Hours from which a block has room for a whole name.
WIDE = 1.0
#: States of blocks that a dispatcher may still move.
MOVABLE = frozenset({"plan", "late", "sug"})


@dataclass(frozen=True)
class Block:
    """A visit on a caregiver's line; ``start`` and ``end`` are hours of the day with fractions.

    ``key`` names the visit in a draft; only caregivers of ``provider_id`` may take it. ``order_id``
    0: no visit, she fills her vehicle up.
    """

    order_id: int
    provider_id: int
    key: str
    state: str
    label: str
    start: float
    end: float
    words: str

    @property
    def movable(self) -> bool:
        """Whether it has not begun."""
        return self.state in MOVABLE


@dataclass
class Line:
    """One caregiver's day; blocks are made only for lines that are shown."""

    staff_id: int
    provider_id: int
    name: str
    town: str
    vehicle: Vehicle | None = None
    stops: list[RouteStop] = field(default_factory=list)
    rows: list[Assignment] = field(default_factory=list)
    drafted: list[PlanLine] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    @property
    def vehicle_words(self) -> str:
        """助浴车, or "" without one."""
        return self.vehicle.kind.words if self.vehicle else ""

    def rank(self) -> tuple[int, datetime, int]:
        """Changed by the draft first, then late, serving, planned, free, done for the day."""
        states = [state_of(s.order_state, s.starts_at, s.expected_at) for s in self.stops]
        worst = next((i for i, s in enumerate(("late", "now", "plan")) if s in states), None)
        place = worst if worst is not None else 4 if states else 3
        ahead = [
            s.starts_at for s, state in zip(self.stops, states, strict=True) if state != "done"
        ]
        return (
            -1 if self.drafted else place,
            min(ahead, default=clock.at(date.max, 0)),
            (self.staff_id),
        )


@dataclass(frozen=True)
class Gantt:
    """The lines shown, how many there are in all, and the hour it is (None outside the picture)."""

    lines: list[Line]
    total: int
    late: int
    now: float | None
    hours: range

    @property
    def width(self) -> int:
        """How many hours the picture shows."""
        return len(self.hours) - 1

    @property
    def hour_px(self) -> int:
        """Pixels of an hour, at least: so many that neighbours are hit apart."""
        gaps = [b.start - a.start for line in self.lines for a, b in pairwise(line.blocks)]
        narrowest = min((gap for gap in gaps if gap > 0), default=1.0)
        return max(FEWEST_PX, min(MOST_PX, ceil(TARGET_PX / narrowest)))

    @property
    def elders(self) -> list[Elder]:
        """Everybody whose name is shown."""
        told = [row.elder for line in self.lines for row in line.rows]
        return told + [row.elder for line in self.lines for row in line.drafted]


def gantt_of(crew: Crew, draft: DayPlan | None = None, *, everyone: bool = False) -> Gantt:
    """The routes of a day; with a draft, what it changes is drawn in place of what stands."""
    changed = list(lines_of_plan(draft, changed=True)) if draft else []
    gone = {line.before_id for line in changed if line.before_id}
    lines = _lines(crew, changed)
    shown = lines if everyone else lines[:MOST_LINES]
    by_staff = {line.staff_id: line for line in shown}
    rows = day_routes(crew.actor, crew.day, by_staff)
    rows = [r for r in rows if r.order.state != OrderState.CANCELLED and r.pk not in gone]
    for row in rows:
        by_staff[row.staff_id].rows.append(row)
    _draw(shown, crew.day)
    now, hours = _hour(crew.day, clock.now()), _hours(shown)
    seen = now if hours[0] <= now <= hours[-1] else None
    return Gantt(shown, len(lines), crew.late, seen, hours)


def _draw(lines: list[Line], day: date) -> None:
    """Make the blocks of the lines that are shown."""
    visits: list[Assignment | PlanLine] = []
    for line in lines:
        visits += [*line.rows, *line.drafted]
    prefetch_related_objects([visit.order for visit in visits], "lines__item")
    for line in lines:
        blocks = [_standing(row, day) for row in line.rows]
        blocks += [_suggested(row, day) for row in line.drafted]
        blocks += _refills(line, day)
        line.blocks = sorted(blocks, key=lambda block: block.start)


def _hours(lines: list[Line]) -> range:
    """The hours in which something happens, so that short visits are wide enough to be hit."""
    starts = [block.start for line in lines for block in line.blocks]
    ends = [block.end for line in lines for block in line.blocks]
    first = max(FIRST_HOUR, floor(min(starts, default=8)))
    last = min(LAST_HOUR, max(ceil(max(ends, default=17)), first + FEWEST_HOURS))
    return range(min(first, last - FEWEST_HOURS), last + 1)


def _lines(crew: Crew, changed: list[PlanLine]) -> list[Line]:
    """A line for everybody on shift or with visits, those who need an eye first."""
    found: dict[int, Line] = {}

    def line_of(staff_id: int, provider_id: int, name: str, region: str) -> Line:
        town = crew.towns.get(region[:9])
        made = Line(staff_id, provider_id, name, town.short if town else "")
        return found.setdefault(staff_id, made)

    for shift in crew.shifts:
        staff = shift.staff
        made = line_of(staff.pk, shift.provider_id, staff.name, staff.region_id)
        made.vehicle = made.vehicle or vehicle_of(shift)
    for stop in crew.stops:
        line = line_of(stop.staff_id, stop.provider_id, stop.staff_name, stop.staff_region)
        line.stops.append(stop)
    for row in changed:
        if row.staff_id is not None:
            line_of(row.staff_id, row.provider_id, row.staff_name, "").drafted.append(row)
    return sorted(found.values(), key=Line.rank)


def _hour(day: date, moment: datetime) -> float:
    return round((moment - clock.at(day, 0)).total_seconds() / 3600, 2)


def _standing(row: Assignment, day: date) -> Block:
    """Planned times, or real ones once somebody has come."""
    visit = getattr(row, "visit", None)
    begin, end = row.during.lower, row.during.upper
    if visit is not None:
        begin, end = visit.in_at, visit.out_at or max(clock.now(), visit.in_at + (end - begin))
    state = state_of(row.order.state, row.starts_at, row.expected_at)
    return _block(row, day, state, begin, end)


def _suggested(line: PlanLine, day: date) -> Block:
    """Where a draft would have a visit."""
    begin = line.starts_at or clock.at(day, FIRST_HOUR)
    return _block(line, day, "sug", begin, begin + timedelta(minutes=line.minutes))


def _refills(line: Line, day: date) -> list[Block]:
    """When she fills her vehicle up on the way, once its load is used."""
    if line.vehicle is None:
        return []
    vehicle, words = line.vehicle, REFILL_WORDS[line.vehicle.kind]
    made: list[Assignment | PlanLine] = [*line.rows, *line.drafted]
    rows = sorted(made, key=_starts)
    loads = [row.order.load if row.seat == 1 else 0 for row in rows]
    found = []
    for before, row, full in zip(rows, rows[1:], refills(vehicle, loads)[1:], strict=False):
        if not full:
            continue
        road = travel().minutes(home_of(before.elder), vehicle.refill, vehicle.mode)
        at = _starts(before) + timedelta(minutes=before.order.minutes + road)
        end = min(at + timedelta(minutes=vehicle.minutes), _starts(row))
        span = clock.shown(at)
        told = f"{line.name} {span} 去{words}，约 {vehicle.minutes} 分钟"
        begin = _hour(day, min(at, end))
        found.append(Block(0, line.provider_id, "", "fill", words, begin, _hour(day, end), told))
    return found


def _starts(row: Assignment | PlanLine) -> datetime:
    """When a visit that somebody makes begins."""
    return row.starts_at or row.order.window_start


def _block(
    row: Assignment | PlanLine, day: date, state: str, begin: datetime, end: datetime
) -> Block:
    label = mask_name(row.elder.name)
    span = "–".join(clock.shown(at) for at in (begin, end))
    first = min(max(FIRST_HOUR, _hour(day, begin)), LAST_HOUR - 0.5)
    last = max(first, min(LAST_HOUR, _hour(day, end)))
    words = [f"{row.staff_name} {span} {label} {services(row.order)}"]
    words.append(STATE_WORDS[state])
    if isinstance(row, Assignment) and state == "late" and row.expected_at:
        words.append(f"估计 {clock.shown(row.expected_at)} 才到")
    return Block(
        row.order_id,
        row.provider_id,
        key_of(row),
        state,
        label if last - first >= WIDE else label[:2],
        first,
        last,
        "，".join(words),
    )
