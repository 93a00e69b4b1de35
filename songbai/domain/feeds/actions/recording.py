"""Rows that have a person become statements of their department in the register."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import compress

from django.db import connection

from songbai.core import scope
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.crypto import blind_index_many
from songbai.core.crypto.bulk import encrypt_many
from songbai.domain.elders.actions.facts import (
    STAGED,
    NewFact,
    record_facts,
    record_staged,
    staging,
)
from songbai.domain.elders.models import Elder, Fact
from songbai.domain.elders.rules.kinds import Kind, kinds
from songbai.domain.feeds.models import Delivery
from songbai.domain.feeds.reading.rows import Prepared
from songbai.domain.feeds.rules.cells import Value
from songbai.domain.feeds.rules.schema import FactRule, Schema

from . import leaving

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_NONE = "\\N"


@dataclass(frozen=True)
class _Lines:
    """What every statement of a row has in common, as text of COPY."""

    person: list[str]
    source_id: list[str]
    observed: list[str]
    rows: list[int]


def record(
    delivery: Delivery,
    schema: Schema,
    rows: Prepared,
    people: Sequence[int],
    standing: Sequence[str],
    left: Mapping[int, int],
) -> None:
    """Record what the rows say about their people (0: nobody); what was said before is skipped.
    ``left``: by row, of whom its record spoke before: of them it says nothing any more.

    Statements carry the keyed source id, so that the same row replaces what it said earlier, and
    the number of the delivery.
    """
    which = [
        row
        for row, (person, word) in enumerate(zip(people, standing, strict=True))
        if person and word != "repeated"
    ]
    if not which and not left:
        return
    rows = leaving.placed(schema, rows, people)
    observed = {moment: moment.isoformat() for moment in set(rows.observed)}

    def of(people: Sequence[int] | Mapping[int, int], which: list[int]) -> _Lines:
        return _Lines(
            [str(people[row]) for row in which],
            [rows.keys[row].hex() for row in which],
            [observed[rows.observed[row]] for row in which],
            which,
        )

    lines, parted = of(people, which), of(left, list(left))
    with staging():
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY fact_staging ({', '.join(STAGED)}) FROM STDIN") as copy,
        ):
            back = [rows.is_taken_back(row) for row in lines.rows]
            gone, said = _some(lines, back), _some(lines, [not one for one in back])
            for fact in schema.facts:
                copy.write("".join(_statements(kinds()[fact.kind], fact, rows, said)))
                for one in (gone, parted):
                    copy.write("".join(_withdrawals(fact.kind, one)))
        record_staged(SYSTEM, source=schema.department, batch=delivery.pk)


def record_one(
    actor: Actor, delivery: Delivery, schema: Schema, rows: Prepared, elder: Elder
) -> None:
    """As ``record`` for a block of one row that a clerk gave to somebody: in the clerk's name,
    which counts also where the row was taken back from this person at the same moment.

    Raises NotAllowed.
    """
    if rows.is_taken_back(0):
        take_back(actor, delivery, schema, rows, elder)
        return
    facts = []
    rows = leaving.placed(schema, rows, [elder.pk])
    key, at = rows.keys[0].hex(), rows.observed[0]
    gone = scope.visible(Fact, actor).filter(elder=elder, source=schema.department, source_id=key)
    if not actor.is_system and gone.filter(withdrawn=True, observed_at=at).exists():
        at += timedelta(microseconds=1)
    for fact in schema.facts:
        value = rows.values[fact.column][0]
        if value is not None:
            begins, ends = (
                rows.values[name][0] if name else None for name in (fact.valid_from, fact.valid_to)
            )
            facts.append(
                NewFact(
                    kind=fact.kind,
                    value=_plain(value),
                    source_id=key,
                    observed_at=at,
                    valid_from=begins if isinstance(begins, date) else None,
                    valid_to=ends if isinstance(ends, date) else None,
                )
            )
    record_facts(actor, elder, facts, source=schema.department, batch=delivery.pk)


def take_back(
    actor: Actor, delivery: Delivery, schema: Schema, rows: Prepared, elder: Elder
) -> None:
    """The record of a block of one row says nothing of somebody any more. Raises NotAllowed."""
    key, at = rows.keys[0].hex(), rows.observed[0]
    gone = [
        NewFact(kind=fact.kind, value="", source_id=key, observed_at=at, withdrawn=True)
        for fact in schema.facts
    ]
    record_facts(actor, elder, gone, source=schema.department, batch=delivery.pk)


def _some(lines: _Lines, which: Sequence[bool]) -> _Lines:
    return _Lines(
        list(compress(lines.person, which)),
        list(compress(lines.source_id, which)),
        list(compress(lines.observed, which)),
        list(compress(lines.rows, which)),
    )


def _withdrawals(kind: str, lines: _Lines) -> Iterator[str]:
    """One line of COPY for each row that is taken back, also of what it says this time."""
    for person, source_id, observed in zip(
        lines.person, lines.source_id, lines.observed, strict=True
    ):
        empty = f"\t\\\\x\t\\\\x\t{_NONE}\t{_NONE}"
        yield f"{person}\t{kind}\t{source_id}\t{empty}\t{observed}\tt\n"


def _statements(kind: Kind, fact: FactRule, rows: Prepared, lines: _Lines) -> Iterator[str]:
    """One line of COPY for each row that says something of a kind."""
    column = rows.values[fact.column]
    values = [column[row] for row in lines.rows]
    begins = _days(rows, fact.valid_from, lines.rows)
    ends = _days(rows, fact.valid_to, lines.rows)
    common = zip(lines.person, lines.source_id, begins, ends, lines.observed, strict=True)
    if kind.secret:
        plain = ["" if value is None else _plain(value) for value in values]
        sealed = zip(encrypt_many(plain), blind_index_many(plain), strict=True)
        for (secret, index), (person, source_id, begin, end, observed) in zip(
            sealed, common, strict=True
        ):
            if secret:
                both = f"\\\\x{secret.hex()}\t\\\\x{index.hex()}"
                until = f"{begin}\t{end}\t{observed}"
                yield f"{person}\t{kind.code}\t{source_id}\t\t{both}\t{until}\tf\n"
        return
    text = {
        value: "" if value is None else _plain(value).translate(_ESCAPES) for value in set(values)
    }
    for value, (person, source_id, begin, end, observed) in zip(values, common, strict=True):
        if value is not None:
            yield (
                f"{person}\t{kind.code}\t{source_id}\t{text[value]}\t\\\\x\t\\\\x"
                f"\t{begin}\t{end}\t{observed}\tf\n"
            )


def _plain(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _days(rows: Prepared, column: str, which: Sequence[int]) -> list[str]:
    if not column:
        return [_NONE] * len(which)
    values = rows.values[column]
    text = {
        day: day.isoformat() if isinstance(day, date) else _NONE
        for day in {values[row] for row in which}
    }
    return [text[values[row]] for row in which]
