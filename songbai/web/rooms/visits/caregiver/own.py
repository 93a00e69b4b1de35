"""A caregiver's own work: the fortnight ahead, the hours of a month."""

from songbai.core import clock
from songbai.domain.providers.queries import staff_of_account
from songbai.domain.visits.queries import own
from songbai.web.asked import month_asked, months
from songbai.web.views import Actor, HttpRequest, Shown, door

#: Hours can be looked at for so many months.
MONTHS = 3


@door("caregiver", "fortnight/")
def fortnight(_: HttpRequest, actor: Actor) -> Shown:
    """When she works in the next fourteen days, and how much."""
    staff = staff_of_account(actor)
    days = own.fortnight(actor, staff, clock.today())
    return {"staff": staff, "days": days, "here": "fortnight"}


@door("caregiver", "hours/")
def hours(request: HttpRequest, actor: Actor) -> Shown:
    """Visits and minutes of a month, by day: this one, unless the address says an earlier one."""
    month = month_asked(request)
    days = own.worked(actor, month)
    return {
        "staff": staff_of_account(actor),
        "month": month,
        "months": months(MONTHS),
        "days": days,
        "visits": sum(len(day.visits) for day in days),
        "minutes": sum(day.minutes for day in days),
        "here": "hours",
    }
