"""Where people went of whom a row says that they left."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from songbai.core.regions.rules import ELSEWHERE, level_of, prefix
from songbai.domain.elders.queries.facts import Placed, places_said
from songbai.domain.feeds.reading.rows import Prepared
from songbai.domain.feeds.rules.schema import FactRule, Schema


def placed(schema: Schema, rows: Prepared, people: Sequence[int]) -> Prepared:
    """The rows with where they say that people (0: nobody) went.

    Who left is where the row says. A row that names where the person was, and no other place, says
    only that the person is gone: to another city. A place left empty follows the first.
    """
    left = [row for row, who in enumerate(people) if who and rows.says_left(schema, row)]
    if not left:
        return rows
    said = places_said(people[row] for row in left)
    values = dict(rows.values)
    for fact in schema.places:
        values[fact.column] = [*values[fact.column]]
    first = schema.places[0]
    for row in left:
        asked = rows.keys[row].hex(), rows.observed[row], said[people[row]]
        to = str(values[first.column][row])
        gone = _was_there(first, to, *asked)
        to = ELSEWHERE if gone else to
        for fact in schema.places:
            one = str(values[fact.column][row] or "")
            if not one or (gone and _was_there(fact, one, *asked)):
                values[fact.column][row] = to
    return replace(rows, values=values)


def _was_there(fact: FactRule, code: str, key: str, at: datetime, where: Placed) -> bool:
    """Whether a division is where the person was before a row of that key.

    What the row said before is kept to: later words about the person do not change its meaning.
    """
    mine = [one for one in where.said if (one.source_id, one.observed_at) == (key, at)]
    before = [one.value for one in mine if one.kind == fact.kind]
    if before:
        return before[-1] == ELSEWHERE
    others = [one for one in where.said if one.source_id != key and one.observed_at <= at]
    latest = {one.kind: one.value for one in sorted(others, key=lambda one: one.observed_at)}
    inside = prefix(code, level_of(code))
    return any(one.startswith(inside) for one in latest.values() or [where.region])
