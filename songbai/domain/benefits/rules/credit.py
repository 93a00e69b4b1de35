"""Money that orders spend: the monthly credit of home service, and the consumption voucher."""

from datetime import date, datetime

from songbai.core import clock

from .decision import Decision
from .evaluate import decide
from .facts import NEVER, sheet_of
from .library import in_force, law
from .months import Month
from .policy import SPENT, Channel, Lapse, Policy


def spending_policy(channel: Channel, month: str, region: str) -> Policy:
    """The policy whose money people of a division spend on orders in a month ``YYYY-MM``.

    Raises ValueError for anything that is not a month, LookupError when none holds there.
    """
    held = Month.parse(month)
    for policy in in_force(law().policies, held):
        if policy.pay is channel and region.startswith(policy.regions):
            return policy
    raise LookupError(f"no {channel} holds in {region} in {month}")


def credit_decision(
    birth: date,
    hardship: str,
    living: str,
    residence: str,
    month: str,
    died_on: date | None = None,
) -> Decision:
    """Whether somebody has the credit of a month, from the register's current values.

    Raises ValueError, LookupError as ``spending_policy``.
    """
    sheet = sheet_of(
        birth_date=birth,
        hardship=hardship,
        living=living,
        residence=residence,
        death=died_on or NEVER,
    )
    policy = spending_policy(Channel.CREDIT, month, residence)
    return decide(policy, sheet, Month.parse(month))


def too_late(policy: Policy, month: str, now: datetime) -> bool:
    """Whether money given now for a month could not be spent any more."""
    return policy.lapses is Lapse.MONTH_END and policy.pay in SPENT and month_ends(month) <= now


def month_ends(month: str) -> datetime:
    """The moment after which money of a month is no longer spent."""
    return clock.day_bounds(clock.month_bounds(month)[1])[0]


def ends_at(policy: Policy, month: str) -> datetime | None:
    """The moment at which what a policy gives for a month lapses; None: it does not."""
    return month_ends(month) if policy.lapses is Lapse.MONTH_END else None
