import io
import zipfile

import pytest

from songbai.core.sheets import (
    ReturnedRow,
    TemplateColumn,
    read,
    returned_workbook,
    template,
)
from songbai.core.sheets.returned import REASON_HEADER, ROW_HEADER
from songbai.core.sheets.safe import harmless

COLUMNS = (
    TemplateColumn("姓名", required=True, example="王桂英", width=10),
    TemplateColumn("居住情况", choices=("独居", "空巢"), note="选一个"),
)


def part(book: bytes, name: str) -> str:
    """One part of a workbook."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return archive.read(name).decode()


def test_an_empty_template_reads_as_its_headers_and_no_people() -> None:
    sheet = read(template("名册", COLUMNS, instructions=["请填"]), known=["姓名"])
    assert sheet.headers == ("姓名", "居住情况")
    assert list(sheet) == []


def test_a_template_has_lists_comments_and_text_columns() -> None:
    book = template("名册", COLUMNS)
    assert "代码!$B$1:$B$2" in part(book, "xl/worksheets/sheet1.xml")
    assert "必填。" in part(book, "xl/comments1.xml")
    assert 'numFmtId="49"' in part(book, "xl/styles.xml")


def test_returned_rows_carry_their_reasons_and_can_be_sent_again() -> None:
    bad = ReturnedRow(7, {"姓名": "王", "身份证号": "12"}, {"身份证号": "不是 18 位"}, "整行不对")
    book = returned_workbook(("姓名", "身份证号"), [bad])
    row = next(iter(read(book, known=["姓名", "身份证号"])))
    assert row.cells["姓名"] == "王"
    assert str(row.cells[ROW_HEADER]) == "7"
    assert row.cells[REASON_HEADER] == "整行不对；身份证号：不是 18 位"
    assert "不是 18 位" in part(book, "xl/comments1.xml")


def test_no_cell_of_a_returned_workbook_is_a_formula() -> None:
    row = ReturnedRow(2, {"=1+1": '=HYPERLINK("http://x")', "a": "+cmd|' /C calc'!A0"}, {"a": "@x"})
    book = returned_workbook(("=1+1", "a"), [row])
    assert "<f>" not in part(book, "xl/worksheets/sheet1.xml")
    assert 'quotePrefix="1"' in part(book, "xl/styles.xml")


@pytest.mark.parametrize(
    "text", ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "\rx", " =1", "\u200b=1", "＝1"]
)
def test_a_cell_that_could_run_is_quoted(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert harmless(f"王{text}") == f"王{text}"


def test_many_rows_fill_several_sheets() -> None:
    from songbai.core.sheets import returned

    before = returned.SHEET_ROWS
    returned.SHEET_ROWS = 2  # type: ignore[misc]
    try:
        book = returned_workbook(("姓名",), [ReturnedRow(n, {"姓名": "王"}) for n in range(5)])
    finally:
        returned.SHEET_ROWS = before  # type: ignore[misc]
    assert part(book, "xl/worksheets/sheet3.xml").count("<row") == 2
