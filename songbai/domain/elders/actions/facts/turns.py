"""Taking turns: two writers of one person's facts must each see what the other wrote.

A writer of one person waits for other writers of that person, for whoever derives the person's
slice of ids anew, and for sets; a set waits for everybody. Slices do not wait for one another.
The locks end with the transaction, so a killed writer holds nobody up.
"""

from songbai.core.sql import run

#: People whose ids are in one slice are derived together when everything is derived anew.
SLICE = 100_000
#: Namespaces of the advisory locks of the register's facts.
_ALL, _SLICE, _ONE = 7_301, 7_302, 7_303


def take_turn(elder_id: int) -> None:
    """Wait for one person's turn."""
    _shared(_ALL, 0)
    _shared(_SLICE, elder_id // SLICE)
    _alone(_ONE, elder_id % 2**31)


def take_slice(number: int) -> None:
    """Wait for the turn of a slice of people."""
    _shared(_ALL, 0)
    _alone(_SLICE, number)


def take_all() -> None:
    """Wait for everybody's turn."""
    _alone(_ALL, 0)


def _shared(space: int, number: int) -> None:
    run("SELECT pg_advisory_xact_lock_shared(%s::int, %s::int)", [space, number])


def _alone(space: int, number: int) -> None:
    run("SELECT pg_advisory_xact_lock(%s::int, %s::int)", [space, number])
