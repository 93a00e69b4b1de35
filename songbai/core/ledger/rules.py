"""Pure parts of the ledger: units and account descriptions."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

#: Hundredths of a percent: the whole.
WHOLE = 10_000
#: How far ahead something may be ordered, and so money stand in a month to come.
FARTHEST = timedelta(days=60)
_NAMESPACE = uuid.UUID("8b7f6a52-5e0b-4f7e-9a55-50aba1500151")


class Unit(StrEnum):
    """What an account counts, always as integers."""

    FEN = "fen"
    MINUTE = "minute"


@dataclass(frozen=True)
class AccountSpec:
    """An account to be opened on first use. ``floor`` None means it may go negative."""

    code: str
    name: str
    region: str
    floor: int | None = 0
    person_id: int | None = None
    organisation_id: int | None = None
    unit: Unit = Unit.FEN


def transfer_id(*parts: object) -> uuid.UUID:
    """The same parts always give the same id: posting twice is posting once."""
    return uuid.uuid5(_NAMESPACE, "/".join(str(part) for part in parts))
