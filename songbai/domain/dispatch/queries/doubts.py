"""Why nobody should come to a door: the elder is away, or somebody else is there then."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from songbai.core import clock
from songbai.domain.dispatch.models import Assignment, DayPlan, PlanLine
from songbai.domain.dispatch.rules import AssignmentState
from songbai.domain.elders.queries.turns import away
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import absent_on


@dataclass(frozen=True)
class Call:
    """Somebody in an elder's home for an order, from when until when."""

    elder_id: int
    order_id: int
    name: str
    begins: datetime
    ends: datetime

    def meets(self, other: "Call") -> bool:
        """Whether both are there at one time, for two orders."""
        apart = self.ends <= other.begins or other.ends <= self.begins
        return self.elder_id == other.elder_id and self.order_id != other.order_id and not apart


def calls(elders: Collection[int], instead_of: Collection[int | None] = ()) -> list[Call]:
    """Who stands to come to these elders, but for the assignments ``instead_of``."""
    rows = Assignment.objects.filter(elder_id__in=elders, state=AssignmentState.ACTIVE)
    told = rows.exclude(pk__in=[one for one in instead_of if one]).order_by("starts_at").values_list
    columns = "elder_id", "order_id", "staff_name", "during__startswith", "during__endswith"
    return [Call(*row) for row in told(*columns)]


def calls_of_plan(found: DayPlan, order: Order) -> list[Call]:
    """Who would come to an order's elder if a draft were true."""
    lines = found.lines.filter(elder_id=order.elder_id)
    stand = calls([order.elder_id], {line.before_id for line in lines})
    return stand + [_call(line) for line in lines if line.starts_at]


def doubt_of(order: Order, start: datetime, others: Iterable[Call] | None = None) -> str:
    """Why nobody should come for an order at a moment, in words; "" without a doubt.

    ``others``: who else comes to the elder; without it, who stands.
    """
    absent = absent_on(order.elder, start, to_doctor=order.destination_id is not None)
    if absent:
        return absent
    own = Call(order.elder_id, order.pk, "", start, start + timedelta(minutes=order.minutes))
    return _met(own, calls([order.elder_id]) if others is None else others)


def doubts_of_plan(lines: Sequence[PlanLine]) -> list[tuple[PlanLine, str]]:
    """The changed lines of a plan whose visits are in doubt, and why, by time.

    Of two new ones at one door the later one is. What was told for that time already is not.
    Orders of the lines should be at hand.
    """
    going = [(line.starts_at, line.order_id, line.seat, line) for line in lines if line.starts_at]
    people = {line.elder_id for line in lines}
    gone = set(away().filter(elder_id__in=people).values_list("elder_id", flat=True))
    there: defaultdict[int, list[Call]] = defaultdict(list)
    for one in calls(people, {line.before_id for line in lines}):
        there[one.elder_id].append(one)
    found = []
    for start, _, _, line in sorted(going, key=lambda one: one[:3]):
        if line.before is None or line.before.starts_at != start:
            door = there[line.elder_id]
            gone_too = line.elder_id in gone
            doubt = doubt_of(line.order, start, door) if gone_too else _met(_call(line), door)
            found += [(line, doubt)] if doubt else []
        there[line.elder_id].append(_call(line))
    return found


def _met(own: Call, others: Iterable[Call]) -> str:
    other = next((one for one in others if own.meets(one)), None)
    return f"那时候{other.name}在老人家里（{clock.shown(other.begins)} 到）" if other else ""


def _call(line: PlanLine) -> Call:
    start = line.starts_at or clock.now()
    ends = start + timedelta(minutes=line.minutes)
    return Call(line.elder_id, line.order_id, line.staff_name, start, ends)
