"""The monthly credit for government-purchased home service, which orders spend first."""

from __future__ import annotations

from datetime import date
from functools import cache

from .decision import Decision
from .evaluate import decide
from .facts import NEVER, POLICIES, sheet_of
from .library import load
from .months import Month
from .policy import Policy
from .problems import WrongFile

CODE = "tongliang-home-service"


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
