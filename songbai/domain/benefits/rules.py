"""Pure rules of the monthly credit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from songbai.domain.elders.rules import age_on

POLICIES = Path(__file__).resolve().parents[3] / "policies"


@dataclass(frozen=True)
class Group:
    """One group of people a policy is for; empty sets mean no condition."""

    name: str
    min_age: int
    hardship: frozenset[str]
    living: frozenset[str]

    def covers(self, age: int, hardship: str, living: str) -> bool:
        """Whether a person belongs to the group."""
        return (
            age >= self.min_age
            and (not self.hardship or hardship in self.hardship)
            and (not self.living or living in self.living)
        )


@dataclass(frozen=True)
class CreditPolicy:
    """A monthly credit: who, how much (fen), on what ground, and whether that is verified."""

    code: str
    name: str
    region: str
    reference: str
    amount: int
    verified: bool
    groups: tuple[Group, ...]


def parse(raw: dict[str, Any]) -> CreditPolicy:
    """A policy from its file; raises KeyError or ValueError when the file is wrong."""
    return CreditPolicy(
        code=raw["code"],
        name=raw["name"],
        region=str(raw["region"]),
        reference=raw["reference"],
        amount=int(raw["amount_fen"]),
        verified=bool(raw["verified"]),
        groups=tuple(
            Group(
                name=group["name"],
                min_age=int(group["min_age"]),
                hardship=frozenset(group.get("hardship", ())),
                living=frozenset(group.get("living", ())),
            )
            for group in raw["groups"]
        ),
    )


@cache
def home_service() -> CreditPolicy:
    """The home-service credit of Tongliang."""
    path = POLICIES / "chongqing" / "tongliang-home-service.yaml"
    return parse(yaml.safe_load(path.read_text(encoding="utf-8")))


def credit_group(
    policy: CreditPolicy, birth: date, hardship: str, living: str, month_first: date
) -> Group | None:
    """The first group that covers the person on the first day of the month, or None."""
    age = age_on(birth, month_first)
    return next((g for g in policy.groups if g.covers(age, hardship, living)), None)
