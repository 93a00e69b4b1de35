"""What the register itself held of a person before anybody reported it, kept as a statement."""

from collections.abc import Iterable

from songbai.core.sql import run
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries.facts.sql import DIGEST
from songbai.domain.elders.rules.kinds import REGISTER, Kind, kinds

from .person import derive_person

_STATEMENT = """
SELECT e.id AS elder_id, e.region_id, '{code}' AS kind, '' AS source_id, {value} AS value,
  {secret} AS secret, {index} AS value_index, CAST(NULL AS date) AS valid_from,
  CAST(NULL AS date) AS valid_to, e.registered_at AS observed_at, false AS withdrawn
FROM elders_elder e
WHERE e.id IN ({people}) AND {held} AND e.erased_at IS NULL
  AND NOT EXISTS (SELECT FROM elders_fact f WHERE f.elder_id = e.id AND f.kind = '{code}')
  AND NOT EXISTS (
    SELECT FROM elders_fact f
    WHERE f.elder_id = e.merged_into_id AND f.kind = '{code}' AND f.source = '{register}'
      AND f.observed_at = e.registered_at)
"""
_KEEP = """
INSERT INTO elders_fact (elder_id, region_id, kind, source, source_id, value, secret, value_index,
  observed_at, recorded_at, withdrawn, reason, digest)
SELECT x.elder_id, x.region_id, x.kind, '{register}', x.source_id, x.value, x.secret, x.value_index,
  x.observed_at, x.observed_at, false, '', {digest}
FROM ({statements}) x
ON CONFLICT (elder_id, kind, digest) DO NOTHING
"""


def held_kinds() -> dict[str, Kind]:
    """Kinds of which the register itself may hold a value."""
    return {code: kind for code, kind in kinds().items() if REGISTER in kind.sources}


def keep_registered(codes: Iterable[str], people: str) -> None:
    """Write down what the register holds of these kinds, for people of whom nobody said anything:
    what a first report replaces must not be lost. Of a merged record it may have gone along to the
    survivor: then the columns say something else. ``people`` is SQL: ids, or a query of ids.
    """
    held = held_kinds()
    statements = [_statement(held[code], people) for code in sorted(set(codes) & held.keys())]
    if not statements:
        return
    sql = _KEEP.format(
        register=REGISTER,
        digest=DIGEST.format("x", f"'{REGISTER}'"),
        statements=" UNION ALL ".join(statements),
    )
    run(sql)


def keep_entry(elder: Elder) -> None:
    """The statements of the register about somebody just entered."""
    codes = held_kinds()
    keep_registered(codes, str(int(elder.pk)))
    derive_person(elder, codes)


def _statement(kind: Kind, people: str) -> str:
    column = f"e.{kind.column}"
    if kind.secret:
        held = f"{column} <> ''::bytea"
    elif kind.default is not None:
        held = f"{column}::text <> '{kind.default}'"
    else:
        held = f"{column} IS NOT NULL"
    return _STATEMENT.format(
        code=kind.code,
        register=REGISTER,
        people=people,
        held=held,
        value="''" if kind.secret else f"{column}::text",
        secret=column if kind.secret else "''::bytea",
        index="e.phone_index" if kind.code == "phone" else "''::bytea",
    )
