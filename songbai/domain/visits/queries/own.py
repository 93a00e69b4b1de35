"""What a caregiver sees of her own work: the days ahead, and the hours behind."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from songbai.core import clock, sql
from songbai.core.accounts.rules import Actor
from songbai.domain.dispatch.models import Assignment
from songbai.domain.dispatch.queries import visible as visible_assignments
from songbai.domain.providers.models import StaffMember
from songbai.domain.visits.models import Visit
from songbai.domain.visits.queries import visible
from songbai.domain.visits.rules import VisitState

FORTNIGHT = 14


@dataclass
class Ahead:
    """A day to come: when she works (begin, end, ill), and whom she goes to."""

    day: date
    shifts: list[tuple[datetime, datetime, bool]] = field(default_factory=list)
    visits: list[Assignment] = field(default_factory=list)


def fortnight(actor: Actor, staff: StaffMember, first: date) -> list[Ahead]:
    """Fourteen days from a day on; shifts are asked of the database for her alone."""
    after = first + timedelta(days=FORTNIGHT)
    days = {day: Ahead(day) for day in (first + timedelta(days=n) for n in range(FORTNIGHT))}
    for begins, ends, sick in sql.rows(
        "SELECT begins, ends, sick FROM dispatch_own_shifts(%s, %s, %s, %s)",
        [staff.pk, staff.account_id, first, after],
    ):
        days[_day(begins)].shifts.append((begins, ends, sick))
    rows = visible_assignments(actor).filter(
        starts_at__gte=clock.at(first, 0), starts_at__lt=clock.at(after, 0)
    )
    for row in rows.order_by("starts_at"):
        days[_day(row.starts_at)].visits.append(row)
    return list(days.values())


@dataclass
class Worked:
    """A day's visits that are over, their minutes, and those that were judged none."""

    day: date
    visits: list[Visit] = field(default_factory=list)
    not_given: list[Visit] = field(default_factory=list)

    @property
    def minutes(self) -> int:
        """From checking in to checking out, all visits together."""
        return sum(visit.minutes or 0 for visit in self.visits)


def worked(actor: Actor, month: str) -> list[Worked]:
    """The days of a month on which she made visits, latest first. Raises ValueError."""
    first, after = clock.month_bounds(month)
    rows = visible(actor).exclude(state=VisitState.SERVING)
    days: dict[date, Worked] = {}
    for visit in rows.filter(in_at__gte=clock.at(first, 0), in_at__lt=clock.at(after, 0)).order_by(
        "-in_at"
    ):
        worked = days.setdefault(_day(visit.in_at), Worked(_day(visit.in_at)))
        given = visit.state == VisitState.CHECKED_OUT
        (worked.visits if given else worked.not_given).append(visit)
    return list(days.values())


def _day(moment: datetime) -> date:
    return moment.astimezone(clock.SHANGHAI).date()
