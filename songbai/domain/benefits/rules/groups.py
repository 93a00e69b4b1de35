"""How benefits of one group stand together."""

from dataclasses import dataclass
from enum import StrEnum

from .facts import FactKind


class StackingRule(StrEnum):
    """How benefits of one group stand together."""

    EXCLUSIVE = "exclusive"
    HIGHER_OF = "higher_of"
    AFTER_DEDUCTION = "after_deduction"
    CAPPED = "capped"
    ADDITIVE = "additive"


@dataclass(frozen=True)
class Stacking:
    """Membership of a group. ``order``: who goes first; ``outside``: money facts in the group;
    ``most``: what all of a capped group come to at most, fen a month.
    """

    group: str
    rule: StackingRule
    order: int
    outside: tuple[FactKind, ...]
    clause: str
    says: str
    verified: bool
    most: int = 0
