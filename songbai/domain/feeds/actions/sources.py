"""What departments said last, record by record: new, changed, the same again, or late."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from songbai.core import clock
from songbai.core.sql import rows, run
from songbai.domain.feeds.models import Delivery


@dataclass(frozen=True)
class Known:
    """For each row: whether its record is new, changed, same or older, and whose it was (0: no).

    ``repeated``: the same was said of the same moment; ``same``: the same, of a later moment.
    ``at_once``: rows of the very moment of their record's newest word.
    """

    standing: list[str]
    person: list[int]
    at_once: set[int] = field(default_factory=set)


_ASK = """
SELECT incoming.n, known.person_id, known.content = incoming.content,
       known.observed_at < incoming.observed_at,
       known.observed_at = incoming.observed_at
FROM feeds_incoming AS incoming
JOIN feeds_sourcerow AS known ON known.feed_id = %s AND known.source_key = incoming.source_key
"""

#: Of two rows about one record the one observed later stands; at the same moment the one whose
#: digest is higher, so that the order in which they come makes no difference.
_KEEP = """
INSERT INTO feeds_sourcerow AS known
       (feed_id, source_key, region_id, person_id, content, observed_at, seen_as_of)
SELECT DISTINCT ON (source_key) %s, source_key, %s, person_id, content, observed_at, %s::timestamptz
FROM feeds_incoming LEFT JOIN feeds_found USING (n)
ORDER BY source_key, observed_at DESC, content DESC
ON CONFLICT (feed_id, source_key) DO UPDATE SET
  person_id = coalesce(EXCLUDED.person_id, known.person_id),
  seen_as_of = greatest(known.seen_as_of, EXCLUDED.seen_as_of),
  content = CASE WHEN (EXCLUDED.observed_at, EXCLUDED.content) > (known.observed_at, known.content)
                 THEN EXCLUDED.content ELSE known.content END,
  observed_at = greatest(known.observed_at, EXCLUDED.observed_at)
"""

#: What a record said of somebody else is no longer its word.
_ANEW = """
UPDATE feeds_sourcerow AS known SET person_id = NULL, content = ''
FROM feeds_incoming WHERE n = ANY(%s) AND known.feed_id = %s
  AND known.source_key = feeds_incoming.source_key
"""

#: Rows that were set aside before and have a person now.
_SETTLE = """
UPDATE feeds_unmatchedrow AS waiting
SET state = 'matched', person_id = feeds_found.person_id, settled_at = %s, settled_by = '系统',
    cells = ''
FROM feeds_incoming JOIN feeds_found USING (n)
WHERE waiting.feed_id = %s AND waiting.state = 'open'
  AND waiting.source_key = feeds_incoming.source_key
"""


def recall(
    delivery: Delivery,
    keys: Sequence[bytes],
    contents: Sequence[bytes],
    observed: Sequence[datetime],
) -> Known:
    """Compare rows with what is known of their records. They stay at hand for ``keep``."""
    standing, person, at_once = ["new"] * len(keys), [0] * len(keys), set[int]()
    moments = {moment: moment.isoformat() for moment in set(observed)}
    _stage(
        "feeds_incoming",
        "n integer, source_key bytea, content bytea, observed_at timestamptz",
        (
            f"{n}\t\\\\x{key.hex()}\t\\\\x{content.hex()}\t{moments[moment]}\n"
            for n, (key, content, moment) in enumerate(zip(keys, contents, observed, strict=True))
        ),
    )
    for row, known_person, is_same, is_later, is_now in rows(_ASK, [delivery.feed_id]):
        person[row] = known_person or 0
        if is_now:
            at_once.add(row)
        if is_same and (is_now or is_later):
            standing[row] = "repeated" if is_now else "same"
        else:
            standing[row] = "changed" if is_later or is_now else "older"
    return Known(standing, person, at_once)


def keep(
    delivery: Delivery,
    people: Sequence[int],
    *,
    anew: Collection[int] = (),
    unkept: Collection[int] = (),
) -> None:
    """Remember what the rows just recalled said, in the order of their keys (two writers never
    deadlock), and whose they are (0: nobody's); rows that waited for these people wait no more.

    ``anew``: rows about somebody else than their record was; ``unkept``: rows not to remember.
    """
    _stage(
        "feeds_found",
        "n integer, person_id bigint",
        (f"{n}\t{person}\n" for n, person in enumerate(people) if person),
    )
    if unkept:
        run("DELETE FROM feeds_incoming WHERE n = ANY(%s)", [list(unkept)])
    if anew:
        run(_ANEW, [list(anew), delivery.feed_id])
    run(_KEEP, [delivery.feed_id, delivery.region_id, delivery.as_of])
    run(_SETTLE, [clock.now(), delivery.feed_id])


def _stage(table: str, columns: str, lines: Iterable[str]) -> None:
    """A temporary table of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
        cursor.execute(f"CREATE TEMPORARY TABLE {table} ({columns}) ON COMMIT DROP")
        with cursor.copy(f"COPY {table} FROM STDIN") as copy:
            copy.write("".join(lines))
        cursor.execute(f"ANALYZE {table}")
