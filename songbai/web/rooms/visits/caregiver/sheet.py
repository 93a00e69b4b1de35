"""A caregiver's day as one sheet: the visit in hand, the road ahead, what is done."""

import math
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.urls import reverse

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.geo import DETOUR, Mode, Place, distance_km
from songbai.core.travel import travel
from songbai.domain.catalogue import measures
from songbai.domain.catalogue.rules import Step
from songbai.domain.dispatch.models import Assignment
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import age, home_of, note_read, show_plain, village_words
from songbai.domain.elders.rules import ABILITY_WORDS, mask_name
from songbai.domain.orders.queries import ends_away
from songbai.domain.providers.models import StaffMember
from songbai.domain.providers.rules import VEHICLE_MODE, VehicleKind
from songbai.domain.visits.models import Report, Visit, VisitStep
from songbai.domain.visits.queries import left_open, not_given, route, steps_of
from songbai.domain.visits.rules import (
    LATE,
    SHORTEST_SHARE,
    Trouble,
    VisitState,
    distance_words,
    is_awaited,
)

MODE_WORDS = {Mode.WALK: "走路", Mode.EBIKE: "骑车", Mode.CAR: "开车"}
PURPOSE = "上门服务"


def place_words(village: str, address: str) -> str:
    """Where a home is, each part once: an address may begin with its town and village."""
    return address if village in address else f"{village} {address}".rstrip()


@dataclass(frozen=True)
class Leg:
    """The way from the stop before: metres by road and minutes, both estimated."""

    metres: float
    minutes: int
    mode: str


@dataclass(frozen=True)
class Card:
    """One visit of the day. Only what is ``near`` in time says more than what was or is to do."""

    assignment: Assignment
    visit: Visit | None
    leg: Leg
    name: str
    age: int
    village: str
    phone: str
    address: str
    near: bool

    @property
    def place(self) -> str:
        """Where the home is."""
        return place_words(self.village, self.address)

    @property
    def early(self) -> bool:
        """Whether nobody awaits her there yet."""
        return not is_awaited(self.assignment.starts_at, clock.now())

    @property
    def risks(self) -> list[str]:
        """What to mind of the elder."""
        return self.elder.risks if self.near else []

    @property
    def note(self) -> str:
        """What the family wrote."""
        return self.assignment.order.note if self.near else ""

    @property
    def steps(self) -> list[str]:
        """What is to be done, in the words of the standard."""
        lines = self.assignment.order.lines.all()
        return [raw["name"] for line in lines for raw in line.item.steps]

    @property
    def waiting(self) -> list[Report]:
        """What she said from the door, while nobody has seen to it."""
        return [one for one in self.assignment.reports.all() if one.seen_at is None]

    @property
    def unwell(self) -> bool:
        """Whether the elder was said to be unwell, and steps wait."""
        return any(one.kind == Trouble.UNWELL for one in self.waiting)

    @property
    def said_dead(self) -> bool:
        """Whether somebody reported the elder's death while she is in the house."""
        return self.visit is not None and not self.is_done and self.elder.died_on is not None

    @property
    def elder(self) -> Elder:
        """Whose visit."""
        return self.assignment.elder

    @property
    def leaves_there(self) -> bool:
        """Whether the visit ends at the destination, and not at home again."""
        return not self.assignment.order.returns

    @property
    def ability(self) -> str:
        """轻度失能 and worse; empty when able."""
        level = self.elder.ability_level if self.near else None
        return ABILITY_WORDS[level] if level else ""

    @property
    def ends_at(self) -> datetime:
        """When the visit ends as planned."""
        end: datetime = self.assignment.during.upper
        return end

    @property
    def status(self) -> str:
        """The visit's word of the status vocabulary."""
        if self.visit is not None:
            return self.visit.state
        return "late" if clock.now() > self.assignment.starts_at + LATE else "planned"

    @property
    def is_done(self) -> bool:
        """Checked out."""
        return self.visit is not None and self.visit.state == VisitState.CHECKED_OUT

    @property
    def is_doubtful(self) -> bool:
        """Checked out with doubts at which nobody has looked."""
        return self.is_done and self.assignment.order.held


@dataclass(frozen=True)
class StepRow:
    """One step of the standard as recorded so far."""

    step: Step
    value: str
    at: datetime | None
    error: str = ""

    @property
    def example(self) -> str:
        """How its measure is written."""
        return measures.example(self.step.measure)


@dataclass(frozen=True)
class Hand:
    """What the visit in hand still needs."""

    rows: list[StepRow]
    served: int
    least: int
    where: str

    @property
    def done(self) -> int:
        """Steps recorded."""
        return sum(row.at is not None for row in self.rows)

    @property
    def missing(self) -> list[str]:
        """Required steps not recorded."""
        return [row.step.name for row in self.rows if row.step.required and row.at is None]

    @property
    def too_short(self) -> bool:
        """Whether a check-out now needs a reason for its length."""
        return self.served < self.least


@dataclass(frozen=True)
class Sheet:
    """The day: the visit in hand first, then the road, then what is done; ``not_given`` counts
    nowhere.

    ``vehicle``: what she brings, in words, if a visit of the day needs it.
    """

    day: date
    current: Card | None
    hand: Hand | None
    later: list[Card]
    done: list[Card]
    not_given: list[Visit]
    left_open: list[date]
    may_check_in: bool
    record: uuid.UUID
    vehicle: str = ""

    @property
    def action(self) -> str:
        """Where the scan form of the visit in hand is sent; "" when there is none."""
        if self.current is None or not self.may_check_in:
            return ""
        if self.current.visit:
            return reverse("caregiver:check_out", args=[self.current.visit.pk])
        return reverse("caregiver:check_in", args=[self.current.assignment.pk])

    @property
    def clear(self) -> int:
        """How many are done and not in doubt."""
        return sum(not card.is_doubtful for card in self.done)

    @property
    def doubtful(self) -> int:
        """How many somebody looks at before they count as done."""
        return len(self.done) - self.clear

    @property
    def cards(self) -> list[Card]:
        """All visits in the order of time."""
        found = [*self.done, *([self.current] if self.current else []), *self.later]
        return sorted(found, key=lambda card: card.assignment.starts_at)

    @property
    def metres(self) -> float:
        """All legs together."""
        return sum(card.leg.metres for card in self.cards)

    @property
    def ends_at(self) -> datetime | None:
        """When the last visit ends as planned."""
        return max((card.ends_at for card in self.cards), default=None)


def sheet_of(actor: Actor, staff: StaffMember, day: date, where: str) -> Sheet:
    """Build a caregiver's sheet; names, phones and addresses shown in it are logged as read."""
    today = clock.today()
    near = today <= day <= today + timedelta(days=1)
    rows = route(actor, day)
    brings = next((r.order.vehicle for r in rows if r.seat == 1 and r.order.vehicle), "")
    mode = VEHICLE_MODE[VehicleKind(brings)] if brings else Mode(staff.mode)
    cards = [
        _card(actor, row, leg, near=near, where=where)
        for row, leg in zip(rows, _legs(staff, rows, mode), strict=True)
    ]
    shown = [card.elder for card in cards if not card.phone and not card.address]
    fields = ["name", "risks"] if near else ["name"]
    note_read(actor, shown, fields=fields, purpose=PURPOSE, where=where)
    todo = [card for card in cards if not card.is_done]
    serving = next((card for card in todo if card.visit), None)
    current = serving or (todo[0] if todo and day <= today else None)
    return Sheet(
        day=day,
        current=current,
        hand=hand_of(current.visit) if current and current.visit else None,
        later=[card for card in todo if card is not current],
        done=[card for card in cards if card.is_done],
        not_given=not_given(actor, day),
        left_open=_left_open(actor, day),
        may_check_in=day <= today,
        record=uuid.uuid4(),
        vehicle=VehicleKind(brings).words if brings else "",
    )


def _legs(staff: StaffMember, rows: Iterable[Assignment], mode: Mode) -> Iterator[Leg]:
    """The way to each visit, from her own door on."""
    at = Place(staff.longitude, staff.latitude)
    for row in rows:
        home = home_of(row.elder)
        metres = distance_km(at, home) * DETOUR * 1000
        yield Leg(metres, travel().minutes(at, home, mode), MODE_WORDS[mode])
        at = ends_away(row.order) or home


def _left_open(actor: Actor, day: date) -> list[date]:
    """Other days with a visit that was begun and never ended."""
    begun = [visit.assignment.starts_at for visit in left_open(actor, clock.today())]
    days = [moment.astimezone(clock.SHANGHAI).date() for moment in begun]
    return [other for other in days if other != day]


def _card(actor: Actor, assignment: Assignment, leg: Leg, *, near: bool, where: str) -> Card:
    elder = assignment.elder
    visit: Visit | None = getattr(assignment, "visit", None)
    finished = visit is not None and visit.state == VisitState.CHECKED_OUT
    phone = address = ""
    if near and not finished:
        fields = ["phone", "address"]
        plain = show_plain(actor, elder, fields=fields, purpose=PURPOSE, where=where)
        phone, address = plain.phone, plain.address
    return Card(
        assignment=assignment,
        visit=visit,
        leg=leg,
        name=elder.name if near else mask_name(elder.name),
        age=age(elder),
        village=village_words(elder),
        phone=phone,
        address=address,
        near=near,
    )


def hand_of(visit: Visit) -> Hand:
    """What has been recorded of a visit, against its standard."""
    recorded = {step.code: step for step in visit.steps.all()}
    rows = [_row_of(step, recorded.get(step.code)) for step in steps_of(visit.order)]
    served = clock.minutes_between(visit.in_at, clock.now())
    scanned = "扫码" if visit.in_scanned else "没扫码"
    return Hand(
        rows=rows,
        served=served,
        least=math.ceil(visit.order.minutes * SHORTEST_SHARE),
        where=f"{scanned}，{distance_words(visit.in_metres)}",
    )


def _row_of(step: Step, said: VisitStep | None) -> StepRow:
    """A step as recorded; one left undone by a dangerous value says what to do."""
    if said is None:
        return StepRow(step, "", None)
    if said.done or not said.value:
        return StepRow(step, said.value, said.at if said.done else None)
    return StepRow(step, said.value, None, error=measures.read(step.measure, said.value).danger)
