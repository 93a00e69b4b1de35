"""Money that orders spend: the monthly credit of home service, and the consumption voucher."""

from datetime import date, datetime
from enum import StrEnum

from songbai.core import clock

from .decision import Decision
from .evaluate import decide
from .facts import NEVER, sheet_of
from .library import in_force, law
from .months import Month
from .policy import SPENT, Channel, Lapse, Policy


class Setting(StrEnum):
    """Where a service is given; vouchers pay a share by it."""

    HOME = "home"
    INSTITUTION = "institution"


#: Which month's spending a policy's percentage is taken of, by the setting it stands for.
SPENT_IN = {Setting.HOME: "home_spend", Setting.INSTITUTION: "institution_spend"}


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


def rate_of(decision: Decision, setting: Setting) -> int:
    """The share of the self-paid rest a decision pays in a setting, in hundredths of a percent."""
    for line in decision.lines:
        of = line.component.percent_of
        if line.row is not None and of is not None and of.key == SPENT_IN[setting]:
            return line.row.amount
    return 0


def too_late(policy: Policy, month: str, now: datetime) -> bool:
    """Whether money given now for a month could not be spent any more."""
    return policy.lapses is Lapse.MONTH_END and policy.pay in SPENT and month_ends(month) <= now


def month_ends(month: str) -> datetime:
    """The moment after which money of a month is no longer spent."""
    return clock.day_bounds(clock.month_bounds(month)[1])[0]
