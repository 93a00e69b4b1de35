"""Money that orders spend: the monthly credit of home service, and the consumption voucher."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from functools import cache

from songbai.core import clock

from .decision import Decision
from .evaluate import decide
from .facts import NEVER, POLICIES, sheet_of
from .library import load, shipped
from .months import Month
from .policy import Channel, Policy
from .problems import WrongFile

CODE = "tongliang-home-service"


class Setting(StrEnum):
    """Where a service is given; vouchers pay a share by it."""

    HOME = "home"
    INSTITUTION = "institution"


#: Which month's spending a policy's percentage is taken of, by the setting it stands for.
SPENT_IN = {Setting.HOME: "home_spend", Setting.INSTITUTION: "institution_spend"}


@cache
def home_service(month: str) -> Policy:
    """Tongliang's home-service credit as it holds in a month ``YYYY-MM``.

    Raises ValueError for anything that is not a month, LookupError when none holds.
    """
    held = Month.parse(month)
    found = load(sorted((POLICIES / "chongqing").glob("tongliang-home-service*.yaml")))
    if found.problems:
        raise WrongFile(found.problems)
    for policy in found.policies:
        if policy.in_force(held):
            return policy
    raise LookupError(f"{CODE} does not hold in {month}")


def home_service_decision(
    birth: date,
    hardship: str,
    living: str,
    residence: str,
    month: str,
    died_on: date | None = None,
) -> Decision:
    """Whether somebody has the credit in a month, from the register's current values."""
    sheet = sheet_of(
        birth_date=birth,
        hardship=hardship,
        living=living,
        residence=residence,
        death=died_on or NEVER,
    )
    return decide(home_service(month), sheet, Month.parse(month))


def voucher_policy(month: str, region: str) -> Policy:
    """The voucher that holds in a month for people of a division.

    Raises ValueError for anything that is not a month, LookupError when none holds there.
    """
    held = Month.parse(month)
    for policy in shipped():
        there = policy.pay is Channel.VOUCHER and region.startswith(policy.regions)
        if there and policy.in_force(held):
            return policy
    raise LookupError(f"no voucher holds in {region} in {month}")


def rate_of(decision: Decision, setting: Setting) -> int:
    """The share of the self-paid rest a decision pays in a setting, in hundredths of a percent."""
    for line in decision.lines:
        of = line.component.percent_of
        if line.row is not None and of is not None and of.key == SPENT_IN[setting]:
            return line.row.amount
    return 0


def month_ends(month: str) -> datetime:
    """The moment after which money of a month is no longer spent."""
    return clock.day_bounds(clock.month_bounds(month)[1])[0]
