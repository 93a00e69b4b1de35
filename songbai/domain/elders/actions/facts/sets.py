"""Deriving what stands for many people at once: ``queries.facts.sql`` and rows that follow it.

The work is cut to the pairs of person and kind in the temporary table ``fact_touched``.
"""

from songbai.core import clock, sql
from songbai.core.sql import run
from songbai.domain.elders.actions.turning import announce
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries.facts import view_of
from songbai.domain.elders.queries.facts.sql import COMPARED, ORDER, View, said
from songbai.domain.elders.rules.elder import initials_of
from songbai.domain.elders.rules.kinds import Kind, ValueType

from .person import NULLABLE

#: A set is sorted in memory, not on the disk.
WORK_MEMORY = "256MB"
_TOUCHED = """
CREATE TEMPORARY TABLE IF NOT EXISTS fact_touched (elder_id bigint, kind varchar(20))
  ON COMMIT DROP
"""
_OF_TOUCHED = "elders_fact f JOIN fact_touched t ON t.elder_id = f.elder_id AND t.kind = f.kind"
_SAID = f"""
CREATE TEMPORARY TABLE fact_said ON COMMIT DROP AS {{0}}
SELECT *, row_number() OVER (PARTITION BY elder_id, kind ORDER BY {ORDER}) = 1 AS stands FROM said
"""
_GONE = """
DELETE FROM elders_currentfact c USING (
  SELECT t.elder_id, t.kind FROM fact_touched t
    LEFT JOIN fact_said w ON w.elder_id = t.elder_id AND w.kind = t.kind AND w.stands
  WHERE w.elder_id IS NULL OR w.is_default
) t WHERE c.elder_id = t.elder_id AND c.kind = t.kind
"""
_COLUMNS = (
    "region_id", "source", "value", "value_index", "valid_from", "valid_to", "observed_at",
    "fact_id",
)  # fmt: skip
#: The caller holds the turn of these people: what is not there now is not there a moment later.
_CHANGED = f"""
UPDATE elders_currentfact c SET {", ".join(f"{c} = w.{c}" for c in _COLUMNS)}
FROM fact_said w WHERE w.stands AND NOT w.is_default
  AND c.elder_id = w.elder_id AND c.kind = w.kind
  AND ({", ".join(f"c.{c}" for c in _COLUMNS)})
    IS DISTINCT FROM ({", ".join(f"w.{c}" for c in _COLUMNS)})
"""
_NEW = f"""
INSERT INTO elders_currentfact (elder_id, kind, {", ".join(_COLUMNS)})
SELECT elder_id, kind, {", ".join(f"w.{c}" for c in _COLUMNS)}
FROM fact_said w WHERE w.stands AND NOT w.is_default AND NOT EXISTS (
  SELECT FROM elders_currentfact c WHERE c.elder_id = w.elder_id AND c.kind = w.kind)
"""
_ENDED = """
UPDATE elders_conflict c SET state = 'ended', ended_at = %s
FROM fact_touched t
WHERE c.elder_id = t.elder_id AND c.kind = t.kind AND c.state = 'open' AND NOT EXISTS (
  SELECT FROM fact_disagree d
  WHERE d.elder_id = c.elder_id AND d.kind = c.kind AND d.key = c.key)
"""
_OPENED = """
INSERT INTO elders_conflict AS c
  (elder_id, region_id, kind, key, sources, state, opened_at, decided_by_name, reason)
SELECT elder_id, region_id, kind, key, sources, 'open', %s, '', '' FROM fact_disagree
ORDER BY elder_id, kind
ON CONFLICT (elder_id, kind, key) DO UPDATE
  SET state = 'open', opened_at = excluded.opened_at, ended_at = NULL
WHERE c.state = 'ended'
"""
_DISAGREE = """
CREATE TEMPORARY TABLE fact_disagree ON COMMIT DROP AS
WITH best AS (
  SELECT DISTINCT ON (s.elder_id, s.kind, s.source)
    s.elder_id, s.kind, s.source, s.region_id, {} AS said
  FROM fact_said s WHERE s.settles AND NOT s.stale
  ORDER BY s.elder_id, s.kind, s.source, s.observed_at DESC, s.is_default,
    s.valid_from DESC NULLS LAST, s.recorded_at DESC, s.digest
)
SELECT elder_id, kind, max(region_id) AS region_id,
  md5(string_agg(source || '=' || said, ';' ORDER BY source COLLATE "C"))::uuid AS key,
  array_agg(source ORDER BY source COLLATE "C") AS sources
FROM best GROUP BY elder_id, kind HAVING count(DISTINCT said) > 1
""".format(COMPARED.format("s"))


def touch(asked: str = "") -> None:
    """Make the table of touched pairs in this transaction; ``asked`` selects the first of them."""
    run(_TOUCHED)
    if asked:
        run(f"INSERT INTO fact_touched {asked}")


def derive_touched(view: View | None = None, facts: str = _OF_TOUCHED) -> int:
    """Bring what stands of the touched pairs up to date; the caller holds everybody's turn.

    ``facts`` is a FROM clause of all facts of these pairs, as ``f``. Returns how many rows of what
    stands, of the register and of the work list changed.
    """
    view = view or view_of()
    run(f"SET LOCAL work_mem = '{WORK_MEMORY}'")
    run("ANALYZE fact_touched (elder_id, kind)")
    run(_SAID.format(said(view, facts)))
    run("ANALYZE fact_said (elder_id, kind, stands)")
    changed = sum(run(statement) for statement in (_GONE, _CHANGED, _NEW))
    run(_DISAGREE)
    now = clock.now()
    changed += run(_ENDED, [now]) + run(_OPENED, [now])
    codes = [code for (code,) in sql.rows("SELECT DISTINCT kind FROM fact_touched")]
    changed += sum(_show(view.kinds[code]) for code in codes)
    run("DROP TABLE fact_said, fact_disagree, fact_touched")
    if "death" in codes:
        announce()
    return changed


def _show(kind: Kind) -> int:
    """Bring the register's column of a kind up to date for the touched people."""
    if not kind.column:
        return 0
    if kind.code == "name":
        return _rename()
    if kind.secret:
        return _show_secret(kind)
    cast = {ValueType.BOOL: "boolean", ValueType.WHOLE: "smallint", ValueType.DATE: "date"}
    value = f"CAST(w.value AS {cast.get(kind.type, 'varchar')})"
    keeps = "LEFT" if kind.default is not None or kind.column in NULLABLE else "INNER"
    if kind.default is not None:
        value = f"coalesce({value}, '{kind.default}')"
    return run(
        f"UPDATE elders_elder e SET {kind.column} = x.value FROM ("
        f" SELECT t.elder_id, {value} AS value FROM fact_touched t"
        f" {keeps} JOIN fact_said w ON w.elder_id = t.elder_id AND w.kind = t.kind AND w.stands"
        f" WHERE t.kind = %s) x"
        f" WHERE e.id = x.elder_id AND e.erased_at IS NULL"
        f" AND e.{kind.column} IS DISTINCT FROM x.value",
        [kind.code],
    )


def _show_secret(kind: Kind) -> int:
    index = ", phone_index = f.value_index" if kind.code == "phone" else ""
    return run(
        f"UPDATE elders_elder e SET {kind.column} = f.secret{index}"
        f" FROM fact_said w JOIN elders_fact f ON f.id = w.fact_id"
        f" WHERE w.stands AND w.kind = %s AND e.id = w.elder_id AND e.erased_at IS NULL"
        f" AND e.{kind.column} IS DISTINCT FROM f.secret",
        [kind.code],
    )


def _rename() -> int:
    """Names carry initials, which only Python knows how to make."""
    named = sql.rows(
        "SELECT e.id, w.value FROM fact_said w JOIN elders_elder e ON e.id = w.elder_id"
        " WHERE w.stands AND w.kind = 'name' AND e.erased_at IS NULL"
        " AND e.name IS DISTINCT FROM w.value"
        " ORDER BY e.id"
    )
    rows = [Elder(pk=pk, name=name, initials=initials_of(name)) for pk, name in named]
    Elder.objects.bulk_update(rows, ["name", "initials"], batch_size=5_000)
    return len(rows)
