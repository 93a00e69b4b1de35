import csv
import io
import resource
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from songbai.core.sheets import Columns, Flag, SheetRefused, read, read_columns
from songbai.core.sheets import columns as module
from songbai.core.sheets.batches import each
from songbai.core.sheets.tests.files import HEADERS, KNOWN, PERSON, csv_text, xlsx_of
from songbai.core.sheets.values import text_of

Laid = tuple[dict[int, dict[str, str]], set[tuple[int, str, Flag]], set[int]]
CELL = st.text(
    st.sampled_from([*"王桂英0159１２Ｘ,\"'= \t\r\n　\u00a0\u200b#N/AE+.－合计：", "é", "𬱖"]),
    max_size=8,
) | st.sampled_from(["500190194205061000", "5.0019E+17", "#REF!", '="012"', "合计", ""])


def by_columns(table: Columns) -> Laid:
    """What the quick way read."""
    cells: dict[int, dict[str, str]] = {}
    marks: set[tuple[int, str, Flag]] = set()
    misfits: set[int] = set()
    for batch in table:
        for number, row in zip(batch.numbers.to_pylist(), batch.columns.to_pylist(), strict=True):
            cells[number] = {header: text for header, text in row.items() if text is not None}
        marks |= {(mark.row, mark.header, mark.flag) for mark in batch.marks}
        misfits |= {misfit.row for misfit in batch.misfits}
    return cells, marks, misfits


def by_rows(content: bytes) -> Laid:
    """What the careful way read."""
    rows = list(read(content, known=KNOWN))
    return (
        {r.number: {h: text_of(v) for h, v in r.cells.items()} for r in rows if not r.problem},
        {
            (r.number, h, f)
            for r in rows
            if not r.problem
            for h, flags in r.flags.items()
            for f in flags
        },
        {r.number for r in rows if r.problem},
    )


@example([["", "\u00a0", "合计"]], "utf-8", "\n")
@given(
    st.lists(st.lists(CELL, min_size=0, max_size=5), max_size=12),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    st.sampled_from(["\r\n", "\n"]),
)
def test_both_ways_read_the_same_csv(rows: list[list[str]], encoding: str, end: str) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=end)
    writer.writerows([HEADERS, PERSON, *rows, PERSON])
    content = text.getvalue().encode(encoding)
    assert by_columns(read_columns(content, known=KNOWN)) == by_rows(content)


@given(
    st.lists(
        st.sampled_from(
            [
                '{"姓名":"王 ","身份证号":"5001","n":1}', '{"姓名":"","n":9007199254740999}', "",
                "[]",
                '{"姓名":', '{"n":1.50}', '{"n":true}', '{"姓名":{"x":1}}',
                '{"姓名":"１２","n":null}',
                '{"x":"2026-01-01"}', '{"n":5}{"n":6}', '{"姓名":12}', "  ",
            ]
        ),
        max_size=12,
    )
)  # fmt: skip
def test_both_ways_read_the_same_json_lines(lines: list[str]) -> None:
    content = "\n".join(['{"姓名":"王","n":2}', *lines]).encode()
    quick, slow = by_columns(read_columns(content)), by_rows(content)
    filled = {number: cells for number, cells in slow[0].items() if cells}
    assert {number: cells for number, cells in quick[0].items() if cells} == filled
    assert quick[1:] == slow[1:]


def test_rows_set_aside_come_back_in_their_places_across_blocks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_BLOCK", 200)
    lines = [f"王,{n},1942-1-1" + ",多" * (n % 7 == 0) for n in range(100)]
    lines[50:50] = ["短", "", '"一\n二",x']
    content = (",".join(HEADERS) + "\n" + "\n".join(lines)).encode()
    assert by_columns(read_columns(content, known=KNOWN)) == by_rows(content)


def test_workbooks_are_laid_into_columns_too() -> None:
    content = xlsx_of(HEADERS, PERSON, ("李", 500190194205061024, "x"))
    assert by_columns(read_columns(content, known=KNOWN)) == by_rows(content)


def test_a_function_is_asked_once_for_equal_values() -> None:
    asked: Counter[str] = Counter()
    each(pa.array(["a", None, "b", "a"]), lambda t: asked.update([t]), pa.string())
    assert asked == {"a": 1, "b": 1}


def test_bytes_of_another_encoding_deep_in_the_file_are_refused() -> None:
    good = csv_text(HEADERS, *[PERSON] * 20_000).encode("gb18030")
    with pytest.raises(SheetRefused, match="编码"):
        list(read_columns(good + b"\xff\xff,\xff\n", known=KNOWN))


@pytest.mark.slow
def test_a_file_of_200_mb_is_streamed(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    line = csv_text(PERSON).encode()
    with path.open("wb") as file:
        file.write(csv_text(HEADERS).encode())
        for _ in range(50):
            file.write(line * ((4 << 20) // len(line)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with read_columns(path, known=KNOWN) as table:
        rows = sum(len(batch.numbers) for batch in table)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert rows == 50 * ((4 << 20) // len(line))
    assert grown < 500_000  # kilobytes
