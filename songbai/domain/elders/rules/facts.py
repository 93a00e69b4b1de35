"""What stands, of all that was said about a person: in whatever order words of different moments
came, the same.

A *statement* is one row of one source. The latest statement of a source's row replaces the earlier
ones of that row; a withdrawal is such a statement. Many departments say only the day: of two words
of one moment the one learnt later counts. Of what is left and valid on the day, a fresh
statement goes before one grown stale, then a trusted source before a less trusted one, then the
later observation. Where a source delivered a complete list, what it had said before and did not
repeat is over, and silence means the list's default. A clerk's decision stands above all sources
until one that reopens it (a death reported by the police, say) observes something later.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from operator import itemgetter
from uuid import UUID
from zoneinfo import ZoneInfo

from .kinds import DECISION, DISTRICT, Kind, compared

_SHANGHAI = ZoneInfo("Asia/Shanghai")
#: Rank of a source that the order of trust no longer names.
LAST = 99
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_DIGEST = UUID(int=2**128 - 1)


@dataclass(frozen=True)
class Statement:
    """One row of one source. ``value`` of a secret kind is the hex of its blind index.

    ``default`` marks the silence of a complete list, which is nobody's row.
    """

    kind: str
    source: str
    source_id: str
    value: str
    observed_at: datetime
    recorded_at: datetime
    digest: UUID
    valid_from: date | None = None
    valid_to: date | None = None
    withdrawn: bool = False
    fact_id: int = 0
    default: bool = False


@dataclass(frozen=True)
class Delivered:
    """A source delivered its complete list of a kind for the person's district."""

    kind: str
    source: str
    as_of: datetime
    recorded_at: datetime


@dataclass(frozen=True)
class Finding:
    """What stands for one kind, what else was said, and whether a person must settle it.

    ``sides`` are the best statements of sources that really disagree, by source; ``key`` names this
    very disagreement.
    """

    stands: Statement
    stale: bool
    losers: tuple[Statement, ...]
    sides: tuple[Statement, ...] = ()
    key: UUID | None = None


def since_within(
    statements: Iterable[Statement],
    stands: Statement,
    digits: int,
    known_at: datetime | None = None,
) -> date | None:
    """Since when the division that stands has lain where it lies, by the first digits of its code.

    The source that is believed says so, or after a decision anybody: its statements one after the
    other, without a gap. None when it does not say from when. ``queries.facts.sql.since`` says the
    same for sets.
    """
    heard = [
        (one.valid_from, one.observed_at, one.digest.hex, one)
        for one in _latest(statements, known_at)
        if one.kind == stands.kind and stands.source in {one.source, DECISION} and one.valid_from
    ]
    found, place, until = stands.valid_from, "", date.max
    for since, *_, one in sorted(heard, key=itemgetter(0, 1, 2)):
        if one.value[:digits] != place or until < since - timedelta(days=1):
            found, place, until = since, one.value[:digits], date.min
        until = max(until, one.valid_to or date.max)
        if one.fact_id == stands.fact_id:
            return found
    return stands.valid_from


def digest_of(
    source: str,
    source_id: str,
    value: str,
    observed_at: datetime,
    during: tuple[date | None, date | None],
    *,
    withdrawn: bool,
) -> UUID:
    """The name of a statement: the same content has the same name, whenever it arrives.

    SQL writes the same text (``queries.facts.sql.DIGEST``).
    """
    micro = (observed_at - _EPOCH) // timedelta(microseconds=1)
    parts = [source, source_id, value, str(micro), str(during[0] or ""), str(during[1] or "")]
    parts.append("t" if withdrawn else "f")
    return UUID(hashlib.md5("|".join(parts).encode(), usedforsecurity=False).hexdigest())


def day_start(day: date) -> datetime:
    """Midnight of a Shanghai day."""
    return datetime.combine(day, time(), _SHANGHAI)


def stale_before(kind: Kind, day: date) -> datetime:
    """What was observed before this moment is stale on the day; the year 1 for kinds that keep."""
    if kind.stale_days is None:
        return datetime(1, 1, 2, tzinfo=_SHANGHAI)
    return day_start(day) - timedelta(days=kind.stale_days)


def rank(order: Sequence[str], source: str) -> int:
    """Place in the order of trust: a decision is 0, the most trusted source 1."""
    if source == DECISION:
        return 0
    return order.index(source) + 1 if source in order else LAST


def current(
    statements: Iterable[Statement],
    day: date,
    *,
    kinds: Mapping[str, Kind],
    trust: Mapping[str, Sequence[str]],
    lists: Iterable[Delivered] = (),
    district: str = "",
    known_at: datetime | None = None,
) -> dict[str, Finding]:
    """What stands for one person on a day, by kind, from what was known at a moment.

    ``lists`` are the complete lists for the person's district (12-digit code). Kinds of which
    nothing valid was said and no list was delivered are missing.
    """
    closed = _closed(lists, day, known_at)
    by_kind: defaultdict[str, list[Statement]] = defaultdict(list)
    for one in _latest(statements, known_at):
        if _holds(one, day, closed.get((one.kind, one.source))):
            by_kind[one.kind].append(one)
    for (kind, source), (as_of, recorded_at) in closed.items():
        by_kind[kind].append(_silence(kinds[kind], source, as_of, recorded_at, district))
    return {
        kind: _finding(
            kinds[kind], _undecided(kinds[kind], said), day, trust.get(kind, kinds[kind].sources)
        )
        for kind, said in by_kind.items()
        if said
    }


def _undecided(kind: Kind, said: list[Statement]) -> list[Statement]:
    """Without decisions after which a source spoke that a clerk's word does not silence."""
    later = max(
        (one.observed_at for one in said if one.source in kind.reopens and not one.default),
        default=None,
    )
    if later is None:
        return said
    return [one for one in said if one.source != DECISION or one.observed_at >= later]


def _latest(statements: Iterable[Statement], known_at: datetime | None) -> list[Statement]:
    """The last statement of every row of a source that was not withdrawn."""
    last: dict[tuple[str, str, str], Statement] = {}
    for one in statements:
        if known_at is not None and one.recorded_at > known_at:
            continue
        key = (one.kind, one.source, one.source_id)
        if key not in last or _revision(one) < _revision(last[key]):
            last[key] = one
    return [one for one in last.values() if not one.withdrawn]


def speaking(statements: Iterable[Statement]) -> list[Statement]:
    """The statements that speak for their rows: the last word of each that was not withdrawn."""
    return _latest(statements, None)


def _revision(one: Statement) -> tuple[float, bool, float, bool, str]:
    """Of two words of one moment a withdrawal counts, whenever it comes, then the word learnt
    later; of two learnt together the one that says until when.
    """
    return (
        -one.observed_at.timestamp(),
        not one.withdrawn,
        -one.recorded_at.timestamp(),
        one.valid_to is None,
        one.digest.hex,
    )


def _holds(one: Statement, day: date, closed: tuple[datetime, datetime] | None) -> bool:
    if closed is not None and one.observed_at < closed[0]:
        return False
    return (one.valid_from is None or one.valid_from <= day) and (
        one.valid_to is None or day <= one.valid_to
    )


def _closed(
    lists: Iterable[Delivered], day: date, known_at: datetime | None
) -> dict[tuple[str, str], tuple[datetime, datetime]]:
    """The newest complete list of each kind and source: as of when, and when it was learnt."""
    end = day_start(day + timedelta(days=1))
    found: dict[tuple[str, str], tuple[datetime, datetime]] = {}
    for one in lists:
        if one.as_of >= end or (known_at is not None and one.recorded_at > known_at):
            continue
        key = (one.kind, one.source)
        found[key] = max(found.get(key, (one.as_of, one.recorded_at)), (one.as_of, one.recorded_at))
    return found


def _silence(
    kind: Kind, source: str, as_of: datetime, recorded_at: datetime, district: str
) -> Statement:
    value = kind.closed[source]
    return Statement(
        kind=kind.code,
        source=source,
        source_id="",
        value=district if value == DISTRICT else value,
        observed_at=as_of,
        recorded_at=recorded_at,
        digest=_LAST_DIGEST,
        default=True,
    )


def _finding(kind: Kind, said: list[Statement], day: date, order: Sequence[str]) -> Finding:
    old = stale_before(kind, day)

    def place(one: Statement) -> tuple[bool, int, float, bool, int, float, str]:
        since = one.valid_from.toordinal() if one.valid_from else 0
        return (
            one.observed_at < old,
            rank(order, one.source),
            -one.observed_at.timestamp(),
            one.default,
            -since,
            -one.recorded_at.timestamp(),
            one.digest.hex,
        )

    ordered = sorted(said, key=place)
    sides = _sides(kind, ordered, old)
    return Finding(
        stands=ordered[0],
        stale=ordered[0].observed_at < old,
        losers=tuple(one for one in ordered[1:] if not one.default),
        sides=sides,
        key=conflict_key(kind, sides) if sides else None,
    )


def _sides(kind: Kind, ordered: list[Statement], old: datetime) -> tuple[Statement, ...]:
    """The best fresh statement of each source that settles, when they do not agree."""
    best: dict[str, Statement] = {}
    for one in ordered:
        if one.source in kind.conflict and one.observed_at >= old:
            best.setdefault(one.source, one)
    if len({compared(kind, one.value) for one in best.values()}) < 2:
        return ()
    return tuple(best[source] for source in sorted(best))


def conflict_key(kind: Kind, sides: Sequence[Statement]) -> UUID:
    """The name of a disagreement: who says what."""
    ordered = sorted(sides, key=lambda side: side.source)
    text = ";".join(f"{one.source}={compared(kind, one.value)}" for one in ordered)
    return UUID(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest())
