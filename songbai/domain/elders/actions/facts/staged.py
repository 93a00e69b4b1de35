"""Recording what a source said about many people: one table of staged rows, one turn of work."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction

from songbai.core import clock
from songbai.core.acting import Actor, Reach, require
from songbai.core.errors import NotAllowed
from songbai.core.regions.rules import bounds
from songbai.core.sql import rows, run, value
from songbai.domain.elders.declares import FACT_RECORD
from songbai.domain.elders.queries.facts import view_of
from songbai.domain.elders.queries.facts.sql import DIGEST, View
from songbai.domain.elders.rules.kinds import RESIDENCE, UnknownKind, WrongSource, kinds

from .moves import note_moved
from .registered import keep_registered
from .sets import WORK_MEMORY, derive_touched, touch
from .turns import take_all

#: Columns of the staging table, in this order.
STAGED = (
    "elder_id", "kind", "source_id", "value", "secret", "value_index", "valid_from", "valid_to",
    "observed_at", "withdrawn",
)  # fmt: skip
_STAGING = """
CREATE TEMPORARY TABLE fact_staging (
  elder_id bigint NOT NULL, kind varchar(20) NOT NULL, source_id varchar(64) NOT NULL DEFAULT '',
  value varchar(60) NOT NULL DEFAULT '', secret bytea NOT NULL DEFAULT '',
  value_index bytea NOT NULL DEFAULT '', valid_from date, valid_to date,
  observed_at timestamptz NOT NULL, withdrawn boolean NOT NULL DEFAULT false
) ON COMMIT DROP
"""
#: Pairs of which something else was said, or must be weighed. It is asked before anything is
#: written: what a statement writes itself is looked at again and again, and never seen.
_KNOWN = """
CREATE TEMPORARY TABLE fact_known ON COMMIT DROP AS
  SELECT s.elder_id, s.kind FROM fact_staging s
  WHERE s.kind <> ALL (%s::text[]) OR s.withdrawn OR s.valid_from > DATE '{day}'
    OR s.valid_to < DATE '{day}'
  UNION ALL
  SELECT s.elder_id, s.kind FROM fact_staging s, LATERAL (
    SELECT FROM elders_fact f WHERE f.elder_id = s.elder_id AND f.kind = s.kind LIMIT 1) x
  UNION ALL
  SELECT elder_id, kind FROM fact_staging GROUP BY elder_id, kind HAVING count(*) > 1
"""
#: A pair of which the batch says the first word has nothing to derive: that word stands, and is
#: written at once.
_RECORD = """
WITH fresh AS (
  INSERT INTO elders_fact (elder_id, region_id, kind, source, source_id, value, secret, value_index,
    valid_from, valid_to, observed_at, recorded_at, withdrawn, batch, entered_by, reason, digest)
  SELECT s.elder_id, e.region_id, s.kind, %s, s.source_id, s.value, s.secret, s.value_index,
    s.valid_from, s.valid_to, s.observed_at, %s, s.withdrawn, %s, %s, '', {digest}
  FROM fact_staging s JOIN elders_elder e ON e.id = s.elder_id
  WHERE e.region_id BETWEEN %s AND %s
    -- Said before, it went along with a merge: once more it could not come back with an undo.
    AND NOT (e.merged_into_id IS NOT NULL AND s.source_id <> '' AND EXISTS (
      SELECT FROM elders_fact o
      WHERE o.elder_id = e.merged_into_id AND o.kind = s.kind AND o.digest = {digest}))
  ORDER BY s.elder_id, s.kind
  ON CONFLICT (elder_id, kind, digest) DO NOTHING
  RETURNING *
), first AS (
  INSERT INTO elders_currentfact (elder_id, kind, region_id, source, value, value_index, valid_from,
    valid_to, observed_at, fact_id)
  SELECT f.elder_id, f.kind, f.region_id, f.source, f.value, f.value_index, f.valid_from,
    f.valid_to, f.observed_at, f.id
  FROM fresh f
  WHERE NOT EXISTS (SELECT FROM fact_known k WHERE k.elder_id = f.elder_id AND k.kind = f.kind)
  RETURNING 1
), touched AS (
  INSERT INTO fact_touched SELECT DISTINCT f.elder_id, f.kind FROM fresh f
  WHERE EXISTS (SELECT FROM fact_known k WHERE k.elder_id = f.elder_id AND k.kind = f.kind)
)
SELECT (SELECT count(*) FROM fresh), (SELECT count(*) FROM first)
"""


#: Whether anybody staged lies outside a range of divisions.
_BEYOND = """
SELECT EXISTS (SELECT FROM fact_staging s WHERE NOT EXISTS (
  SELECT FROM elders_elder e WHERE e.id = s.elder_id AND e.region_id BETWEEN %s AND %s))
"""


@dataclass(frozen=True)
class BatchResult:
    """How many statements were new, were known already, and how many rows that changed."""

    recorded: int
    repeated: int
    changed: int


@contextlib.contextmanager
def staging() -> Iterator[None]:
    """A transaction with an empty temporary table ``fact_staging`` of the columns ``STAGED``.

    Values are as ``rules.kinds.check`` returns them; of secret kinds ``value`` is empty, ``secret``
    the ciphertext and ``value_index`` the blind index.
    """
    with transaction.atomic():
        run("DROP TABLE IF EXISTS fact_staging")
        run(_STAGING)
        yield


def record_staged(actor: Actor, *, source: str, batch: int | None = None) -> BatchResult:
    """Record the staged rows as statements of a source and bring what stands up to date.

    Rows of people outside the actor's region are refused together. Empties the staging table.

    Raises UnknownKind, WrongSource, NotAllowed.
    """
    require(actor, FACT_RECORD, Reach(actor.region or ""))
    low, high = bounds(actor.region or "")
    take_all()
    run(f"SET LOCAL work_mem = '{WORK_MEMORY}'")
    run("ANALYZE fact_staging (elder_id, kind)")
    staged = dict(rows("SELECT kind, count(*) FROM fact_staging GROUP BY kind"))
    for code in staged:
        if code not in kinds():
            raise UnknownKind
        if source not in kinds()[code].sources:
            raise WrongSource
    keep_registered(staged, "SELECT elder_id FROM fact_staging")
    touch()
    view = view_of()
    recorded, changed = _record(actor, view, (source, batch), (low, high))
    if not actor.is_system and value(_BEYOND, [low, high]):
        raise NotAllowed
    gone = "SELECT DISTINCT elder_id FROM fact_staging WHERE kind = %s AND withdrawn"
    note_moved(elder for (elder,) in rows(gone, [RESIDENCE]))
    run("DROP TABLE fact_staging")
    changed += derive_touched(view)
    return BatchResult(recorded, sum(staged.values()) - recorded, changed)


def _record(
    actor: Actor, view: View, origin: tuple[str, int | None], reach: tuple[str, str]
) -> tuple[int, int]:
    """How many statements were new, and how many of them stand because nothing else was said."""
    source, batch = origin
    listed = {code for (code,) in rows("SELECT DISTINCT kind FROM elders_closedlist")}
    alone = [code for code in kinds() if code not in listed and not kinds()[code].column]
    run(_KNOWN.format(day=view.day), [alone])
    [(recorded, first)] = rows(
        _RECORD.format(digest=DIGEST.format("s", "CAST(%s AS text)")),
        [source, clock.now(), batch, actor.account_id, source, *reach, source],
    )
    run("DROP TABLE fact_known")
    return int(recorded), int(first)
