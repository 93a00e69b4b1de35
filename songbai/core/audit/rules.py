"""Pure rules of the reading log."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

#: Rows of one page that was shown are written within this time.
AT_ONCE = timedelta(seconds=2)


class Row(Protocol):
    """One look at one person's record, as the log keeps it."""

    at: datetime
    account_id: int | None
    reader: str
    role: str
    person_id: int
    fields: list[str]
    purpose: str
    where: str


@dataclass
class Look:
    """What one page showed somebody: the newest of its rows, and everybody who was on it."""

    read: Row
    people: list[int] = field(default_factory=list)


def looks(rows: Iterable[Row]) -> list[Look]:
    """Rows in their order, those that one showing of a list wrote together as one."""
    found: list[Look] = []
    for row in rows:
        if not found or not _together(found[-1].read, row):
            found.append(Look(row))
        if row.person_id not in found[-1].people:
            found[-1].people.append(row.person_id)
    return found


def _together(one: Row, other: Row) -> bool:
    """Whether two rows tell of the same page that was shown to the same person for the same."""
    same = [(r.account_id, r.role, r.where, r.purpose, r.fields) for r in (one, other)]
    return same[0] == same[1] and abs(one.at - other.at) <= AT_ONCE
