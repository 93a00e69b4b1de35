"""Deriving everything anew: nothing stands that the facts do not say."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

from django.db import connection, transaction
from django.db.models import Max, Min

from songbai.core import clock
from songbai.core.accounts.rules import Actor, system_only
from songbai.domain.elders.models import CurrentFact, Derivation, Fact
from songbai.domain.elders.queries.facts import view_of
from songbai.domain.elders.rules.facts import day_start, stale_before
from songbai.domain.elders.rules.kinds import kinds

from .sets import derive_touched, touch
from .turns import SLICE, take_all, take_slice

_TOUCH = """
SELECT elder_id, kind FROM elders_fact
WHERE elder_id BETWEEN {low} AND {high} {only} GROUP BY elder_id, kind
UNION SELECT elder_id, kind FROM elders_currentfact
WHERE elder_id BETWEEN {low} AND {high} {only}
UNION SELECT elder_id, kind FROM elders_conflict
WHERE elder_id BETWEEN {low} AND {high} AND state = 'open' {only}
"""


def rebuild(
    actor: Actor, *, kind: str = "", hands: int = 1, progress: Callable[[int], object] = int
) -> int:
    """Derive what stands of everybody (or of one kind only) anew, in slices.

    ``hands`` slices at a time, each on a database connection of its own (1: on the caller's).
    ``progress`` is told how many ids each slice covered. Returns how many rows changed. Stopped in
    the middle, it is simply run again. Raises NotAllowed.
    """
    system_only(actor)
    changed = 0
    for rows in _by_hands(_slices(), kind, hands):
        changed += rows
        progress(SLICE)
    Derivation.objects.create(day=clock.today(), at=clock.now(), why=kind or "all", changed=changed)
    return changed


def people_to_rebuild() -> int:
    """How many ids ``rebuild`` walks through."""
    return len(_slices()) * SLICE


def _by_hands(slices: range, kind: str, hands: int) -> Iterator[int]:
    if hands == 1:
        yield from (_slice(number, kind) for number in slices)
        return

    def hand(number: int) -> int:
        try:
            return _slice(number, kind)
        finally:
            connection.close()

    with ThreadPoolExecutor(hands) as pool:
        yield from pool.map(hand, slices)


def _slices() -> range:
    """Numbers of the slices in which there may be something to derive."""
    ends = [
        model._default_manager.aggregate(low=Min("elder_id"), high=Max("elder_id"))
        for model in (Fact, CurrentFact)
    ]
    known = [(end["low"], end["high"]) for end in ends if end["low"] is not None]
    if not known:
        return range(0)
    return range(min(low for low, _ in known) // SLICE, max(high for _, high in known) // SLICE + 1)


@transaction.atomic
def _slice(number: int, kind: str) -> int:
    take_slice(number)
    low, high = number * SLICE, (number + 1) * SLICE - 1
    only = f"AND kind = '{kinds()[kind].code}'" if kind else ""
    touch(_TOUCH.format(low=low, high=high, only=only))
    facts = f"(SELECT * FROM elders_fact WHERE elder_id BETWEEN {low} AND {high} {only}) f"
    return derive_touched(view_of(), facts)


@transaction.atomic
def derive_due(actor: Actor) -> int:
    """Derive what time alone has changed since the last time: periods that began or ended,
    statements and lists that grew stale. Returns how many rows changed. Raises NotAllowed.
    """
    system_only(actor)
    take_all()
    today = clock.today()
    last = Derivation.objects.filter(why__in=["all", "due"]).aggregate(day=Max("day"))[
        "day"
    ] or today - timedelta(days=1)
    if last >= today:
        return 0
    touch(f"SELECT DISTINCT elder_id, kind FROM ({_due(last, today)}) x")
    changed = derive_touched(view_of(today))
    Derivation.objects.create(day=today, at=clock.now(), why="due", changed=changed)
    return changed


def _due(last: date, today: date) -> str:
    """Pairs of person and kind for whom time made a difference between two days."""
    began = f"valid_from > '{last}' AND valid_from <= '{today}'"
    ended = f"valid_to >= '{last}' AND valid_to < '{today}'"
    parts = [f"SELECT elder_id, kind FROM elders_fact WHERE ({began}) OR ({ended})"]
    for code, kind in kinds().items():
        spans = [(day_start(last + timedelta(days=1)), day_start(today + timedelta(days=1)))]
        if kind.stale_days:
            spans.append((stale_before(kind, last), stale_before(kind, today)))
            parts.append(
                f"SELECT elder_id, kind FROM elders_fact WHERE kind = '{code}'"
                f" AND observed_at >= '{spans[1][0].isoformat()}'"
                f" AND observed_at < '{spans[1][1].isoformat()}'"
            )
        parts += [
            "SELECT c.elder_id, c.kind FROM elders_currentfact c JOIN elders_closedlist l"
            " ON l.kind = c.kind AND l.region_id = left(c.region_id, 6) || '000000'"
            f" WHERE c.kind = '{code}' AND l.as_of >= '{low.isoformat()}'"
            f" AND l.as_of < '{high.isoformat()}'"
            for low, high in spans
            if kind.closed
        ]
    return " UNION ALL ".join(parts)
