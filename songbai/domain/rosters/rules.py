"""The life of an uploaded register, and which of its columns is what. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final

from songbai.core.sheets.headers import key
from songbai.core.sheets.sheet import MEGABYTE, Limits
from songbai.core.worded import Worded
from songbai.domain.feeds.rules.cells import READERS, Problem
from songbai.domain.feeds.rules.schema import Column, Schema, Type, lay_out

FEED: Final = "village_register"
#: One village has hundreds of elders, a large town some ten thousand.
LIMITS: Final = Limits(
    file_bytes=20 * MEGABYTE, unpacked_bytes=256 * MEGABYTE, rows=30_000, cells=2_000_000
)
#: Columns that are no facts: kept as the village's own notes.
NOTED: Final = ("group", "household", "caregiver", "contact_name", "contact_phone", "notes")
#: Rows looked at to guess a column by what is in it.
SAMPLE: Final = 60


class RosterState(StrEnum):
    """Where an uploaded register stands."""

    COLUMNS = "columns"
    CHECKING = "checking"
    PREVIEWED = "previewed"
    CONFIRMED = "confirmed"
    WRITTEN = "written"
    REFUSED = "refused"
    DISCARDED = "discarded"


TRANSITIONS: Final = frozenset(
    {
        (RosterState.COLUMNS, RosterState.CHECKING),
        (RosterState.COLUMNS, RosterState.DISCARDED),
        (RosterState.CHECKING, RosterState.PREVIEWED),
        (RosterState.CHECKING, RosterState.REFUSED),
        (RosterState.CHECKING, RosterState.COLUMNS),
        (RosterState.PREVIEWED, RosterState.COLUMNS),
        (RosterState.PREVIEWED, RosterState.CHECKING),
        (RosterState.PREVIEWED, RosterState.CONFIRMED),
        (RosterState.PREVIEWED, RosterState.DISCARDED),
        (RosterState.CONFIRMED, RosterState.WRITTEN),
    }
)
ENDS: Final = {
    RosterState.WRITTEN: "what it said is withdrawn row by row, or the village uploads it again",
    RosterState.REFUSED: "the mended workbook is uploaded anew",
    RosterState.DISCARDED: "nothing was written; the workbook is uploaded anew",
}


class Guessed(Worded):
    """Why a heading was taken for a column."""

    REMEMBERED = "remembered", "上次是这样对的"
    HEADING = "heading", "按表头对上"
    CONTENT = "content", "按内容猜的，请核对"
    NOTHING = "nothing", "没有对上"


@dataclass(frozen=True)
class Guess:
    """The column a heading seems to be ("" for none), and why."""

    heading: str
    column: str
    why: Guessed


_NAME: Final = re.compile(r"^[\u4e00-\u9fff]{2,4}$")
_ADDRESS: Final = re.compile(r"[村组社街路巷号栋幢院]")


def guess_columns(
    schema: Schema,
    samples: Mapping[str, Sequence[str]],
    remembered: Mapping[str, str] | None = None,
) -> list[Guess]:
    """What each heading of a file is: as it was last time, by its words, else by its cells.

    ``samples``: heading → some cells, in the file's order of columns. ``remembered``: heading →
    column of an earlier file of the same sender ("" for a heading that was left out).
    """
    headings = list(samples)
    said = {key(heading): column for heading, column in (remembered or {}).items()}
    found: dict[str, Guess] = {}
    for heading in headings:
        if key(heading) in said:
            column = said[key(heading)]
            if not column or column not in {guess.column for guess in found.values()}:
                found[heading] = Guess(heading, column, Guessed.REMEMBERED)
    by_words = lay_out(schema, headings).places
    for column, heading in by_words.items():
        taken = {guess.column for guess in found.values()}
        if heading not in found and column not in taken:
            found[heading] = Guess(heading, column, Guessed.HEADING)
    for heading, column in _by_content(schema, samples, found).items():
        found[heading] = Guess(heading, column, Guessed.CONTENT)
    return [found.get(h, Guess(h, "", Guessed.NOTHING)) for h in headings]


def _by_content(
    schema: Schema, samples: Mapping[str, Sequence[str]], found: Mapping[str, Guess]
) -> dict[str, str]:
    """Heading → column for headings that say nothing, by what their cells look like."""
    taken = {guess.column for guess in found.values()}
    guessed: dict[str, str] = {}
    for column, fits in _looks(schema):
        if column in taken:
            continue
        free = (h for h in samples if h not in found and h not in guessed)
        heading = next((h for h in free if fits([cell for cell in samples[h] if cell])), None)
        if heading is not None:
            guessed[heading] = column
    return guessed


def _looks(schema: Schema) -> Iterator[tuple[str, Callable[[list[str]], bool]]]:
    """Columns that can be told by their cells, the most telling first."""
    for name in ("id_number", "phone", "birth_date"):
        yield name, partial(_readable, schema.column(name))
    for column in schema.columns:
        if column.type is Type.CODE:
            yield column.name, partial(_coded, column)
    yield "name", partial(_shaped, _NAME, 0.9)
    yield "address", partial(_shaped, _ADDRESS, 0.8)


def _readable(column: Column, cells: list[str]) -> bool:
    """Whether most cells can be read as this column."""
    good = sum(not isinstance(READERS[column.type](cell, column, None), Problem) for cell in cells)
    return bool(cells) and good >= 0.8 * len(cells)


def _coded(column: Column, cells: list[str]) -> bool:
    """Whether the words in the cells are the column's codes; bare numbers could be anything."""
    words = sorted({cell for cell in cells if not cell.isdigit()})
    return _readable(column, words)


def _shaped(shape: re.Pattern[str], share: float, cells: list[str]) -> bool:
    return bool(cells) and sum(bool(shape.search(c)) for c in cells) >= share * len(cells)


def wrong_choice(schema: Schema, chosen: Mapping[str, str]) -> str:
    """What is wrong with a choice of columns (heading → column), in words; "" if nothing is."""
    used = [column for column in chosen.values() if column]
    known = {column.name: column for column in schema.columns}
    if set(used) - known.keys():
        return "有一列对到了不存在的项目，请重新选。"
    twice = sorted({known[name].title for name in used if used.count(name) > 1})
    if twice:
        return f"“{'、'.join(twice)}”对了两列，请只留一列。"
    missing = [
        column.title for column in schema.columns if column.required and column.name not in used
    ]
    if missing:
        return f"还没有对上必填的：{'、'.join(missing)}。"
    return ""


def masked_cell(text: str) -> str:
    """A cell as an example: enough to see what it is, not whose."""
    text = text.strip()
    if len(text) <= 1:
        return text
    shown = 4 if len(text) > 10 and text[:4].isdigit() else 1
    return text[:shown] + "*" * min(len(text) - shown, 6)
