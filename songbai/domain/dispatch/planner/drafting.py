"""A whole draft: every provider's day searched, said in lines, counted."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from songbai.core.travel.rules import Travel
from songbai.domain.dispatch.rules import Refusal

from .apart import around
from .facts import Decided, Facts
from .figures import Figures, figures_of
from .hand import by_hand, why_nobody
from .lines import Line, lines_of, told_line
from .prices import House
from .tasks import task_of


@dataclass(frozen=True)
class Terms:
    """How a draft is made.

    Attributes:
        keep: what stands is not moved. decided: what a dispatcher fixed, by the need's key.
        rounds: False: nothing is searched; what stands is taken as it is.
        seconds: for all providers together, at most; then the result depends on the machine too.
    """

    keep: bool = False
    decided: Mapping[str, Decided] | None = None
    seed: int = 1
    rounds: bool = True
    seconds: float = 8.0


@dataclass(frozen=True)
class Draft:
    """What came out.

    Attributes:
        refused: by the need's key, why nobody goes.
        whole: the search was not cut short.
    """

    lines: list[Line]
    refused: dict[str, Refusal]
    cost: float
    figures: Figures
    whole: bool


def draft_of(
    facts: Facts, terms: Terms, house: House, travel: Travel, skill_words: dict[str, str]
) -> Draft:
    """Plan a day; the kernels are waited for. Raises BadProblem when what is fixed does not fit
    together.
    """
    from . import engine
    from .soundness import sound_task

    starts = {key: d.start for key, d in (terms.decided or {}).items() if d.start is not None}
    facts = replace(facts, needs=tuple(around(facts.needs, starts, facts.now)))
    fixed = set(starts)
    lines, cost, whole = [], 0.0, True
    visits = max(1, len(facts.needs))
    for provider_id in facts.providers:
        asked = sound_task if terms.keep or not terms.rounds else task_of
        task = asked(facts, provider_id, house, travel, keep=terms.keep, decided=terms.decided)
        share = terms.seconds * len(task.needs) / visits
        if terms.rounds:
            plan, complete = engine.search(task, terms.seed, max(0.5, share))
        else:
            plan, complete = engine.settled(task), True
        cost, whole = cost + plan.cost, whole and complete
        made = list(lines_of(task, plan, skill_words, engine.expected(task, fixed)))
        # The days of those who were left out, as they stand.
        own = [need for need in facts.of(provider_id).needs if need.key in task.apart.keys]
        lines += made + [told_line(need, facts.names) for need in own]
    if terms.keep:
        lines = by_hand(facts, lines, house, travel, skill_words)
    left = {line.need.key for line in lines if line.staff_id is None}
    refused = {need.key: why_nobody(need, facts) for need in facts.needs if need.key in left}
    return Draft(lines, refused, cost, count(facts, lines, cost), whole)


def count(facts: Facts, lines: list[Line], cost: float | None = None) -> Figures:
    """The numbers of a day in which what has begun stands and the lines come true."""
    made = [line for line in lines if line.staff_id is not None]
    begun = trips_of(facts, begun=True)
    return figures_of([*begun, *made], facts.members, len(lines) - len(made), cost)


def count_as_it_stands(facts: Facts) -> Figures:
    """The numbers of a day as everybody was told."""
    still_open = sum(need.standing is None for need in facts.needs)
    return figures_of(trips_of(facts), facts.members, still_open)


def trips_of(facts: Facts, *, begun: bool = False) -> list[Line]:
    """The visits that stand; ``begun``: only those that have."""
    stand = (need for need in facts.needs if need.standing and (need.has_begun or not begun))
    return [told_line(need, facts.names) for need in stand]
