"""Pure rules of the reading log."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

#: Rows within this time that tell the same are one look: a list shown, a page opened again.
AT_ONCE = timedelta(minutes=1)


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
    """What one page showed somebody: the newest of its rows, everybody who was on it, how often."""

    read: Row
    people: list[int] = field(default_factory=list)
    times: int = 0


def looks(rows: Iterable[Row]) -> list[Look]:
    """Rows in their order, those alike that were written within a minute as one."""
    found: list[Look] = []
    latest: dict[tuple[object, ...], Look] = {}
    for row in rows:
        told = (row.account_id, row.role, row.where, row.purpose, *row.fields)
        look = latest.get(told)
        if look is None or abs(look.read.at - row.at) >= AT_ONCE:
            look = latest[told] = Look(row)
            found.append(look)
        if row.person_id not in look.people:
            look.people.append(row.person_id)
        look.times += row.person_id == look.people[0]
    return found
