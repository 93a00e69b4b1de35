"""The office's lists of assessments: what stands where, what is due, how rows and events read."""

from collections.abc import Mapping
from datetime import date, timedelta

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.domain.assessments.models import Assessor
from songbai.domain.assessments.queries.lists import (
    GRACE,
    DueCount,
    counts_by_state,
    due_by_body,
    due_by_division,
)
from songbai.domain.assessments.rules.process import State
from songbai.web.frames.bureau import Place, link

#: The lists by the name in the address: what they are called, and the states in them.
LISTS: dict[str, tuple[str, frozenset[State]]] = {
    "assign": ("待分派", frozenset({State.ACCEPTED})),
    "book": ("待约时间", frozenset({State.ASSIGNED})),
    "booked": ("已约好", frozenset({State.BOOKED, State.UNDER_WAY})),
    "confer": ("待合议签字", frozenset({State.DONE, State.RECONCILED})),
    "review": ("待复核", frozenset({State.SIGNED, State.IN_REVIEW})),
    "publicity": ("公示中", frozenset({State.PUBLICISED})),
    "appeals": ("申诉中", frozenset({State.APPEALED})),
    "told": ("已告知", frozenset({State.NOTICED})),
}
#: A certificate that ends within this time is said to end soon.
SOON = timedelta(days=90)


def list_counts(actor: Actor, region: str) -> dict[str, int]:
    """How much is in each list of a division; ``region`` empty: all the officer sees.

    Raises NotAllowed.
    """
    counts = counts_by_state(actor, region)
    return {
        name: sum(counts.get(state, 0) for state in states) for name, (_, states) in LISTS.items()
    }


def tabs(counts: Mapping[str, int], region: str, shown: str) -> list[tuple[str, int, str, bool]]:
    """The lists: words, how much is in each, address, whether it is shown; ``region`` as asked for,
    empty for the officer's own.
    """
    return [
        (words, counts[name], link("assessments", show=name, region=region), name == shown)
        for name, (words, _) in LISTS.items()
    ]


#: Due and overdue of a town or a body: its name, the numbers, the addresses of both lists.
DueRow = tuple[str, DueCount, str, str]


def due_towns(actor: Actor, place: Place) -> list[DueRow]:
    """Due and overdue by the parts of a place; parts without any are left out."""
    counts = due_by_division(actor, place.prefix, place.digits)
    return [
        _due_row(part.name, counts[part.code[: place.digits]], region=part.code)
        for part in place.divisions()
        if part.code[: place.digits] in counts
    ]


def due_bodies(actor: Actor, region: str, names: Mapping[int, str]) -> list[DueRow]:
    """Due and overdue by the body that gave the last result."""
    return [
        _due_row(names.get(body, f"机构 {body}"), count, region=region, body=body)
        for body, count in due_by_body(actor, region).items()
    ]


def _due_row(name: str, count: DueCount, *, region: str = "", body: int | None = None) -> DueRow:
    return (
        name,
        count,
        link("assessments_due", region=region, body=body),
        link("assessments_due", region=region, body=body, overdue="1"),
    )


def due_state(due_on: date) -> str:
    """The word of the vocabulary for a day from which an assessment is due."""
    return "overdue" if due_on < clock.today() - GRACE else "due"


def certificate_state(assessor: Assessor) -> str:
    """valid, expiring (within 90 days) or expired."""
    left = assessor.certificate_until - clock.today()
    return "expired" if left < timedelta() else "expiring" if left <= SOON else "valid"
