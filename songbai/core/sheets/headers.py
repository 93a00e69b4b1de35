"""Where the header stands in a sheet and what its columns are called. Pure.

People put a title, a unit and a date above the header, spread it over two lines, merge the cells of
the upper line, and put "total" and "filled in by" below the data.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from songbai.core.sheets.values import Value, clean, text_of

#: How many rows from the top the header may begin at.
SEARCHED: Final = 30
_SPACE = re.compile(r"\s+")
_MARKS = re.compile(r"^[*＊★]+|[*＊★]+$")
_NEUTRAL = re.compile(r"基本|个人|老人|老年人|本人|人员")
#: How a total or a signature below the data begins.
FOOT: Final = (
    r"^\s*(合计|小计|总计|共计|填表人|填报人|制表|审核|负责人|经办人|复核|备注[:：]|说明[:：]|注[:：]"
    r"|填报时间|填表时间|联系电话[:：]|单位.{0,6}盖章)"
)
_foot = re.compile(FOOT)
_DIGITS = re.compile(r"\d{3,}")

Raw = Sequence[Value]
#: A merged area: (row, column) of its first and of its last cell, counted from 0.
Area = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class Header:
    """Columns by name; ``first`` and ``last`` are the header's rows, counted from 0."""

    first: int
    last: int
    names: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What the sender is told of how it was read."""
        above = f"表头在第 {self.first + 1} 行，上面的 {self.first} 行没有读"
        lines = "表头有两行，已经合起来读"
        return (*((above,) if self.first else ()), *((lines,) if self.last > self.first else ()))


def key(text: str) -> str:
    """A header as it is compared: no spaces, no stars of duty, no bracketed hint, small letters."""
    text = _MARKS.sub("", _SPACE.sub("", clean(text)))
    return re.sub(r"[（(【\[].*?[)）】\]]", "", text).lower() or text.lower()


def find_header(
    rows: Sequence[Raw], known: Collection[str] = (), merged: Sequence[Area] = ()
) -> Header | None:
    """The header among the first rows; None if nothing looks like one.

    ``known`` are header names and aliases expected here: they decide where two rows could be it.
    """
    keys = {key(name) for name in known}
    scores = [_score(row, keys) for row in rows[:SEARCHED]]
    best = max(scores, default=0)
    if best <= 0:
        return None
    # A row of names below may fill a column that the header leaves nameless; a title has few cells.
    first = next(index for index, score in enumerate(scores) if score >= 0.6 * best)
    # The lower of two lines may score higher than the upper one.
    if first and _is_upper(rows[first - 1], rows[first], first - 1, merged):
        first -= 1
    last = first
    if first + 1 < len(rows) and _is_upper(rows[first], rows[first + 1], first, merged):
        last = first + 1
    return Header(first, last, _names(rows[first], rows[last] if last > first else None, keys))


def _score(row: Raw, keys: Collection[str]) -> float:
    """How much a row looks like a header; the first of equals wins."""
    filled = [text_of(value) for value in row if value is not None]
    texts = [cell for cell in filled if isinstance(cell, str)]
    if keys:
        hits = sum(key(text) in keys for text in texts)
        if hits >= 2 or (hits == 1 and len(filled) == 1):
            return 1000.0 * hits
    labels = [v for v in row if isinstance(v, str) and len(v) <= 30 and not _DIGITS.search(v)]
    distinct = len({key(label) for label in labels})
    if distinct < 2 or distinct < 0.7 * len(filled):
        return 1.0 if len(filled) == 1 == len(row) and labels else 0.0
    # A title with a unit and a date beside it has few cells; data below a header has as many as it.
    return float(min(distinct, 50))


def _is_upper(upper: Raw, lower: Raw, index: int, merged: Sequence[Area]) -> bool:
    """Whether ``upper`` groups the columns that ``lower`` names."""
    filled = {at: value for at, value in enumerate(lower) if value is not None}
    if not filled or not all(_could_name(value) for value in filled.values()):
        return False
    if sum(value is not None for value in upper) < 2:
        return False
    gaps = {at for at in range(len(lower)) if _at(upper, at) is None}
    groups = [a for a in merged if a[0][0] == index == a[1][0] and a[1][1] > a[0][1]]
    if groups:
        under = {at for area in groups for at in range(area[0][1], area[1][1] + 1)}
        return len(under) < max(len(upper), len(lower)) and filled.keys() <= under | gaps
    # Without merged cells: every gap above is filled below, and below stands nothing else but the
    # first column of each group.
    starts = {at - 1 for at in gaps} - gaps
    return bool(gaps) and gaps <= filled.keys() <= gaps | starts


def _could_name(value: Value) -> bool:
    return isinstance(value, str) and len(value) <= 20 and not _DIGITS.search(value)


def _at(row: Raw, index: int) -> Value:
    return row[index] if index < len(row) else None


def _names(upper: Raw, lower: Raw | None, keys: Collection[str]) -> tuple[str, ...]:
    width = max(len(upper), len(lower or ()))
    names: list[str] = []
    group = ""
    for at in range(width):
        above = _label(_at(upper, at))
        below = _label(_at(lower, at)) if lower is not None else ""
        if above:
            group = above
        names.append(_joined(group if below else above, below, keys))
    while names and not names[-1]:
        names.pop()
    return _distinct(names)


def _label(value: Value) -> str:
    return _MARKS.sub("", _SPACE.sub("", text_of(value)))


def _joined(group: str, below: str, keys: Collection[str]) -> str:
    """One name of two lines; a group that only says "the person" adds nothing."""
    if not below or not group:
        return below or group
    if group == below or (_NEUTRAL.search(group) and key(group + below) not in keys):
        return below
    return group + below


def _distinct(names: list[str]) -> tuple[str, ...]:
    """No two columns of one name; a column without a name is called by its place."""
    seen: dict[str, int] = {}
    found = []
    for at, name in enumerate(names):
        name = name or f"第{at + 1}列"
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name}{seen[name]}")
    return tuple(found)


def is_foot(row: Raw) -> bool:
    """Whether a row below the data is a total or a signature, not a person."""
    filled = [value for value in row if value is not None]
    if not filled or not isinstance(filled[0], str) or not _foot.match(filled[0]):
        return False
    return len(filled) <= 4 and 2 * len(filled) <= max(len(row), 4)
