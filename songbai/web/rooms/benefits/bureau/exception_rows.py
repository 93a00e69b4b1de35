"""How the work list of a cycle reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from songbai.core.accounts.rules import Actor, Reach, may
from songbai.domain.benefits.declares import BENEFIT_CHECK
from songbai.domain.benefits.models import Cycle, CycleException
from songbai.domain.benefits.queries.cycles import (
    exceptions_of,
)
from songbai.domain.benefits.rules.cycle import (
    EXCEPTION_STATE_WORDS,
    EXCEPTION_WORDS,
    ExceptionKind,
    ExceptionState,
    State,
)
from songbai.domain.benefits.rules.facts import vocabulary
from songbai.domain.elders.queries import age
from songbai.domain.elders.rules import mask_name
from songbai.web.words import village_of


@dataclass(frozen=True)
class ExceptionRow:
    """Something to look at: whom it is about, what it is, what became of it."""

    row: CycleException
    who: str
    age: int
    village: str
    kind: str
    about: str
    state: str
    can_settle: bool


def exception_rows(
    actor: Actor, cycle: Cycle, rows: Iterable[CycleException]
) -> list[ExceptionRow]:
    """Rows of the work list; only who may check the town can settle, and only in time."""
    names = vocabulary("elder")
    found = []
    for one in rows:
        facts = [names[key].name for key in one.facts.split(",") if key in names]
        open_ = one.blocking and one.state == ExceptionState.OPEN
        in_time = cycle.state in {State.CHECKED, State.IN_TOWNS}
        found.append(
            ExceptionRow(
                one,
                mask_name(one.elder.name),
                age(one.elder),
                village_of(one.region_id),
                EXCEPTION_WORDS[ExceptionKind(one.kind)],
                "、".join(facts) or one.about,
                EXCEPTION_STATE_WORDS[ExceptionState(one.state)],
                open_ and in_time and may(actor, BENEFIT_CHECK, Reach(one.region_id)),
            )
        )
    return found


def kinds_of(actor: Actor, found: Cycle) -> list[tuple[str, str, int, int]]:
    """Exceptions by kind: key, words, open, all."""
    rows = list(exceptions_of(actor, found).order_by().values_list("kind", "state"))
    kinds = dict.fromkeys(kind for kind, _ in sorted(rows))
    return [
        (
            kind,
            EXCEPTION_WORDS[ExceptionKind(kind)],
            sum(1 for k, state in rows if k == kind and state == ExceptionState.OPEN),
            sum(1 for k, _ in rows if k == kind),
        )
        for kind in kinds
    ]
