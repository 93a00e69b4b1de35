"""Everything that is decided about who goes where when: one function, one act of one person."""

from .common import AlreadyTaken, NotFree, NotQualified, ReasonMissing
from .plans import (
    DoesNotFit,
    NotADraft,
    Outdated,
    Planned,
    Published,
    draft,
    drop,
    move,
    pin,
    plan,
    publish,
    redraft,
)
from .sending import assign, free_caregiver, withdraw

__all__ = [
    "AlreadyTaken",
    "DoesNotFit",
    "NotADraft",
    "NotFree",
    "NotQualified",
    "Outdated",
    "Planned",
    "Published",
    "ReasonMissing",
    "assign",
    "draft",
    "drop",
    "free_caregiver",
    "move",
    "pin",
    "plan",
    "publish",
    "redraft",
    "withdraw",
]
