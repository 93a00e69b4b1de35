"""The rules of ``rules.facts`` as SQL, for sets. One text for PostgreSQL and for DuckDB.

Values in the text are dates, moments and codes of the catalogue; none comes from a person.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from songbai.domain.elders.rules.facts import LAST, day_start, rank, stale_before
from songbai.domain.elders.rules.kinds import DECISION, DISTRICT, Kind

#: What a secret or open value is compared by.
VALUE = (
    "CASE WHEN {0}.value_index = ''::bytea THEN {0}.value ELSE encode({0}.value_index, 'hex') END"
)
#: What two sources must agree on; ``rules.kinds.compared`` says the same.
COMPARED = (
    "CASE WHEN {0}.kind = 'name' THEN upper(replace(replace({0}.value, '·', ''), ' ', ''))"
    f" ELSE {VALUE} END"
)
#: The name of a statement; ``rules.facts.digest_of`` writes the same text.
DIGEST = (
    "md5(concat_ws('|', {1}, {0}.source_id, "
    + VALUE
    + ", (extract(epoch FROM {0}.observed_at) * 1000000)::bigint::text,"
    " coalesce({0}.valid_from::text, ''), coalesce({0}.valid_to::text, ''),"
    " CASE WHEN {0}.withdrawn THEN 't' ELSE 'f' END))::uuid"
)
_CODE = re.compile(r"[a-z_]{1,20}")


@dataclass(frozen=True)
class View:
    """As of which day, from what was known at which moment, and who is believed first."""

    day: date
    kinds: Mapping[str, Kind]
    trust: Mapping[str, Sequence[str]]
    known_at: datetime | None = None


def _latest(known_at: datetime | None, source: str) -> str:
    """The last statement of every row of a source; ``source`` as in ``said``."""
    known = f"<= {_moment(known_at)}" if known_at else "IS NOT NULL"
    return f"""
  SELECT DISTINCT ON (f.elder_id, f.kind, f.source, f.source_id)
    f.elder_id, f.kind, f.source, f.region_id, f.value, f.value_index, f.valid_from, f.valid_to,
    f.observed_at, f.recorded_at, f.withdrawn, f.digest, f.id
  FROM {source}
  WHERE f.recorded_at {known}
  ORDER BY f.elder_id, f.kind, f.source, f.source_id, f.observed_at DESC, f.withdrawn DESC,
    f.recorded_at DESC, f.valid_to IS NULL, f.digest"""


def since(known_at: datetime | None, source: str, digits: int) -> str:
    """Since when the division of each dated statement has lain where it lies, by its first digits.

    ``source`` as in ``said``; columns: fact_id, since. ``rules.facts.since_within`` says the same.
    """
    before = "ORDER BY valid_from, observed_at, digest"
    return f"""
WITH latest AS ({_latest(known_at, source)}),
heard AS (
  SELECT l.elder_id, l.kind, l.source, l.id, l.valid_from, l.observed_at, l.digest, h.whom,
    left(l.value, {digits}) AS place, coalesce(l.valid_to, DATE '9999-12-30') AS until
  FROM latest l JOIN (VALUES (false), (true)) o(decided) ON o.decided OR l.source <> '{DECISION}'
    CROSS JOIN LATERAL (SELECT CASE WHEN o.decided THEN '{DECISION}' ELSE l.source END AS whom) h
  WHERE NOT l.withdrawn AND l.valid_from IS NOT NULL
),
moves AS (
  SELECT *, place IS DISTINCT FROM lag(place) OVER (PARTITION BY elder_id, kind, whom {before})
    AS moved FROM heard
),
stays AS (
  SELECT *, count(*) FILTER (WHERE moved) OVER (PARTITION BY elder_id, kind, whom {before}
    ROWS UNBOUNDED PRECEDING) AS stay FROM moves
),
gaps AS (
  SELECT *, max(until) OVER (PARTITION BY elder_id, kind, whom, stay {before}
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) < valid_from - 1 AS gap FROM stays
),
runs AS (
  SELECT *, count(*) FILTER (WHERE gap) OVER (PARTITION BY elder_id, kind, whom, stay {before}
    ROWS UNBOUNDED PRECEDING) AS run FROM gaps
)
SELECT id AS fact_id, since FROM (
  SELECT id, source, whom, min(valid_from) OVER (PARTITION BY elder_id, kind, whom, stay, run)
    AS since FROM runs
) x WHERE source = whom"""


def said(view: View, source: str, *, lists: str = "elders_closedlist") -> str:
    """Common table expressions up to ``said``: every statement that counts, with its place.

    ``source`` is the FROM clause of the facts as ``f``, with the pairs they are cut to.
    """
    known = f"<= {_moment(view.known_at)}" if view.known_at else "IS NOT NULL"
    end = _moment(day_start(view.day + timedelta(days=1)))
    return f"""
WITH ranks(kind, source, place, stale_before, settles, reopens) AS (VALUES {_ranks(view)}),
latest AS ({_latest(view.known_at, source)}),
lists AS (
  SELECT c.kind, c.source, c.region_id, max(c.as_of) AS as_of, r.place, r.stale_before, r.settles,
    d.value
  FROM {lists} c JOIN ranks r ON r.kind = c.kind AND r.source = c.source
    JOIN (VALUES {_defaults(view)}) d(kind, source, value)
      ON d.kind = c.kind AND d.source = c.source
  WHERE c.as_of < {end} AND c.recorded_at {known}
  GROUP BY c.kind, c.source, c.region_id, r.place, r.stale_before, r.settles, d.value
),
valid AS (
  SELECT l.elder_id, l.kind, l.source, l.region_id, l.value, l.value_index, l.valid_from,
    l.valid_to, l.observed_at, l.recorded_at, l.digest, l.id AS fact_id,
    coalesce(r.place, {LAST}) AS place,
    coalesce(l.observed_at < r.stale_before, false) AS stale,
    coalesce(r.settles, false) AS settles, coalesce(r.reopens, false) AS reopens
  FROM latest l LEFT JOIN ranks r ON r.kind = l.kind AND r.source = l.source
    LEFT JOIN lists c ON c.kind = l.kind AND c.source = l.source
      AND c.region_id = left(l.region_id, 6) || '000000'
  WHERE NOT l.withdrawn AND (l.valid_from IS NULL OR l.valid_from <= DATE '{view.day}')
    AND (l.valid_to IS NULL OR l.valid_to >= DATE '{view.day}')
    AND (c.as_of IS NULL OR l.observed_at >= c.as_of)
),
reopened AS (
  SELECT v.elder_id, v.kind, max(v.observed_at) AS later
  FROM valid d JOIN valid v ON v.elder_id = d.elder_id AND v.kind = d.kind
  WHERE d.source = '{DECISION}' AND v.reopens GROUP BY v.elder_id, v.kind
),
said AS (
  SELECT v.elder_id, v.kind, v.source, v.region_id, v.value, v.value_index, v.valid_from,
    v.valid_to, v.observed_at, v.recorded_at, v.digest, v.fact_id, v.place, v.stale, v.settles,
    false AS is_default
  FROM valid v LEFT JOIN reopened o
    ON o.elder_id = v.elder_id AND o.kind = v.kind AND v.source = '{DECISION}'
  WHERE o.later IS NULL OR v.observed_at >= o.later
  UNION ALL
  SELECT p.elder_id, p.kind, c.source, p.region_id,
    CASE WHEN c.value = '{DISTRICT}' THEN c.region_id ELSE c.value END, p.nothing,
    CAST(NULL AS date), CAST(NULL AS date), c.as_of, c.as_of,
    CAST('ffffffff-ffff-ffff-ffff-ffffffffffff' AS uuid), CAST(0 AS bigint), c.place,
    c.as_of < c.stale_before, c.settles, true
  FROM (
    SELECT elder_id, kind, max(region_id) AS region_id, ''::bytea AS nothing
    FROM latest WHERE kind IN (SELECT kind FROM lists) GROUP BY elder_id, kind
  ) p JOIN lists c ON c.kind = p.kind AND c.region_id = left(p.region_id, 6) || '000000'
)"""


#: Which of several statements stands is the first in this order, that of ``rules.facts``.
ORDER = (
    "stale, place, observed_at DESC, is_default, valid_from DESC NULLS LAST, recorded_at DESC,"
    " digest"
)
#: Picks what stands from ``said``.
STANDS = f"""
SELECT DISTINCT ON (elder_id, kind)
  elder_id, kind, region_id, source, value, value_index, valid_from, valid_to, observed_at, fact_id,
  stale, is_default
FROM {{0}}
ORDER BY elder_id, kind, {ORDER}
"""


def _ranks(view: View) -> str:
    rows = []
    for code, kind in view.kinds.items():
        order = view.trust.get(code, kind.sources)
        for source in dict.fromkeys([DECISION, *order, *kind.sources]):
            settles = "true" if source in kind.conflict else "false"
            reopens = "true" if source in kind.reopens else "false"
            old = _moment(stale_before(kind, view.day))
            place = rank(order, source)
            named = f"'{_code(code)}', '{_code(source)}'"
            rows.append(f"({named}, {place}, {old}, {settles}, {reopens})")
    return ", ".join(rows)


def _defaults(view: View) -> str:
    rows = [
        f"('{_code(code)}', '{_code(source)}', '{_value(value)}')"
        for code, kind in view.kinds.items()
        for source, value in kind.closed.items()
    ]
    return ", ".join(rows) or "('', '', '')"


def _code(text: str) -> str:
    if not _CODE.fullmatch(text):
        raise ValueError(f"not a code: {text!r}")
    return text


def _value(text: str) -> str:
    if not re.fullmatch(r"[@a-z_0-9-]{1,20}", text):
        raise ValueError(f"not a default: {text!r}")
    return text


def _moment(moment: datetime) -> str:
    return f"CAST('{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00' AS timestamptz)"
