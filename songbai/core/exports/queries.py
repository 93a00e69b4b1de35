"""Who took which list out, and whose copy a found file is."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from python_calamine import CalamineError, CalamineWorkbook

from songbai.core.accounts.queries import require
from songbai.core.accounts.rules import Actor, system_only
from songbai.core.audit.declares import AUDIT_READ
from songbai.core.errors import Refused
from songbai.core.regions.rules import inside

from .models import Export
from .rules import Agreement, agreement, numbers_in, without_marks


class Unreadable(Refused):
    """这个文件读不出来。请给 xlsx、csv 或 txt 文件。"""


@dataclass(frozen=True)
class Trace:
    """Whose copy it is, and what says so: ``characters`` marks found, ``order`` how rows stand."""

    export: Export
    characters: int
    order: Agreement


def exports_in(actor: Actor) -> QuerySet[Export]:
    """Every list taken out by people of the officer's area, newest first.

    Raises NotAllowed.
    """
    require(actor, AUDIT_READ)
    return Export.objects.filter(**inside(actor.region or "")).order_by("-id")


def trace(actor: Actor, content: bytes) -> list[Trace]:
    """The exports a leaked copy (or part of one) comes from, the surest first.

    Reads xlsx and delimited text, also cut off, retyped or with marks removed, as far as enough
    rows stand in their old order. Raises NotAllowed, Unreadable.
    """
    system_only(actor)
    rows = _cells(content)
    marked = [number for row in rows for cell in row for number in numbers_in(cell)]
    columns = _columns(rows)
    found = []
    for export in Export.objects.order_by("-id").iterator(chunk_size=2_000):
        order = _best(columns, export.secret)
        characters = marked.count(int(export.pk))
        if characters or order.convincing:
            found.append(Trace(export, characters, order))
    return sorted(found, key=lambda one: (-one.characters, one.order.chance))


def _cells(content: bytes) -> list[list[str]]:
    if content.startswith(b"PK"):
        try:
            book = CalamineWorkbook.from_filelike(io.BytesIO(content))
            sheets = [book.get_sheet_by_index(i).to_python() for i in range(len(book.sheet_names))]
        except (CalamineError, OSError) as error:
            raise Unreadable from error
        return [[str(cell) for cell in row] for sheet in sheets for row in sheet]
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return [row for row in csv.reader(io.StringIO(text.replace("\t", ","))) if row]
    raise Unreadable


def _columns(rows: Iterable[list[str]]) -> list[list[str]]:
    """Columns whose cells are all numbers or codes and mostly differ: one of them is the key."""
    texts = [[without_marks(cell).strip().removesuffix(".0") for cell in row] for row in rows]
    width = max((len(row) for row in texts), default=0)
    columns = [[row[i] for row in texts if len(row) > i and row[i].isascii()] for i in range(width)]
    columns = [[cell for cell in column if cell] for column in columns]
    return [column for column in columns if len(set(column)) > 0.9 * len(column) > 1]


def _best(columns: list[list[str]], secret: str) -> Agreement:
    found = [agreement(column, secret) for column in columns]
    return min(found, key=lambda one: one.chance, default=Agreement(0, 0))
