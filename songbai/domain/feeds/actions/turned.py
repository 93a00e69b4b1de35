"""Rows that are about somebody else than their record was: a number put right by its department.

What the record said of the first is taken back, and everything that followed with it. Which of two
people it is about now says the row of the later moment; of one moment the row that came later, and
never again somebody of whom it was taken back.
"""

from dataclasses import dataclass, field

from songbai.core import scope
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.elders.models import Elder, Fact
from songbai.domain.feeds.models import Delivery, UnmatchedRow
from songbai.domain.feeds.reading.rows import Prepared
from songbai.domain.feeds.rules.schema import Schema
from songbai.domain.matching.queries.joined import survivors

from .people import Found
from .sources import Known


@dataclass(frozen=True)
class Turned:
    """``anew``: rows by which their record is about somebody else; ``left``: of whom it spoke
    before, where that is known. ``late``: rows that say nothing, as the record is about somebody
    else by now; ``unkept``: rows that are not the newest word of their record.
    """

    anew: set[int] = field(default_factory=set)
    left: dict[int, int] = field(default_factory=dict)
    late: set[int] = field(default_factory=set)
    unkept: set[int] = field(default_factory=set)


def turned(
    delivery: Delivery, schema: Schema, rows: Prepared, known: Known, found: Found
) -> Turned:
    """Which rows are about somebody else. Rows that come late lose their person."""
    result = Turned()
    pairs = enumerate(zip(known.standing, known.person, found.person, strict=True))
    asked = [
        row for row, (word, first, now) in pairs if word in {"changed", "older"} and first != now
    ]
    for row in _of_others(delivery, rows, known, found, asked):
        now, at_once = found.person[row], row in known.at_once
        is_older = known.standing[row] == "older"
        if rows.is_taken_back(row) and (is_older or at_once):
            result.unkept.add(row)  # of the one it names; the record is about somebody else
        elif is_older or (at_once and now and _was_taken_back(schema, rows, row, now)):
            result.late.add(row)
            result.unkept.add(row)
            found.person[row] = 0
            found.aside.pop(row, None)
        else:
            result.anew.add(row)
            if first := known.person[row]:
                result.left[row] = first
    return result


def is_another(first: int, now: int) -> bool:
    """Whether two records are not of one person."""
    read_as = survivors([first, now])
    return read_as[first] != read_as[now]


def _of_others(
    delivery: Delivery, rows: Prepared, known: Known, found: Found, asked: list[int]
) -> list[int]:
    """Of rows with another person than their record those that are about another person.

    Of whom nobody is found the number decides; what a clerk has given to somebody stays there.
    """
    if not asked:
        return []
    people = {one for row in asked for one in (known.person[row], found.person[row]) if one}
    read_as = survivors(people)
    numbers = {
        pk: bytes(index or b"")
        for pk, index in scope.visible(Elder, SYSTEM)
        .filter(pk__in=people)
        .values_list("pk", "id_number_index")
    }
    keys = [rows.keys[row] for row in asked]
    waiting = UnmatchedRow.objects.filter(feed=delivery.feed_id, source_key__in=keys)
    waits = {
        bytes(key): bytes(index)
        for key, index in waiting.values_list("source_key", "id_number_index")
    }

    def is_other(row: int) -> bool:
        first, now, number = known.person[row], found.person[row], rows.id_indexes[row]
        before = waits.get(rows.keys[row])
        if first and now:
            return read_as[first] != read_as[now]
        if first:
            return number not in {numbers.get(first), before}
        return before not in {None, number}

    return [row for row in asked if is_other(row)]


def _was_taken_back(schema: Schema, rows: Prepared, row: int, person: int) -> bool:
    return (
        scope.visible(Fact, SYSTEM)
        .filter(
            elder_id__in={person, *survivors([person]).values()},
            source=schema.department,
            source_id=rows.keys[row].hex(),
            withdrawn=True,
            observed_at__gte=rows.observed[row],
        )
        .exists()
    )
