import io
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from songbai.core.sheets import UPLOAD, Flag, Kind, Limits, Row, SheetRefused, as_date, read
from songbai.core.sheets import refusals as why
from songbai.core.sheets.tests.files import (
    HEADERS,
    KNOWN,
    PERSON,
    csv_text,
    ods,
    ods_row,
    ole,
    repacked,
    without_part,
    xls,
    xlsx,
    xlsx_of,
)

CELLS = dict(zip(HEADERS, PERSON, strict=True))
TEXT = csv_text(HEADERS, PERSON)


def rows(source: bytes) -> list[Row]:
    """Everything in a file."""
    return list(read(source, known=KNOWN))


@pytest.mark.parametrize(
    "encoding",
    ["gbk", "gb18030", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"],
)
def test_every_encoding_gives_the_same_cells(encoding: str) -> None:
    assert rows(TEXT.encode(encoding)) == [Row(2, dict(CELLS))]


def test_a_rare_character_needs_the_whole_of_gb18030() -> None:
    text = csv_text(HEADERS, ("𬱖䶮英", *PERSON[1:]))
    assert rows(text.encode("gb18030"))[0].cells["姓名"] == "𬱖䶮英"


def test_gbk_that_happens_to_be_valid_utf8_is_gbk() -> None:
    assert read("联通,a\r\n移,b\r\n".encode("gbk")).encoding == "gb18030"
    assert read("联通,a\r\n".encode("gbk")).headers == ("联通", "a")


def test_a_file_glued_from_two_encodings_is_refused_with_the_line() -> None:
    glued = TEXT.encode() + csv_text(PERSON).encode("gbk")
    with pytest.raises(why.WrongEncoding, match="第 3 行"):
        rows(glued)


def test_big5_is_refused_instead_of_read_as_nonsense() -> None:
    big5 = csv_text(("姓名", "地址"), ("王桂英", "臺北市大安區復興南路號")).encode("big5")
    with pytest.raises(why.WrongEncoding):
        rows(big5)


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    assert rows(TEXT.replace(",", delimiter).encode()) == [Row(2, dict(CELLS))]


def test_quoted_cells_may_hold_delimiters_and_line_ends() -> None:
    text = '姓名,身份证号,备注\r\n"王,桂英","5001","一\r\n二"\r\n李,5002,\r\n'
    found = rows(text.encode())
    assert [row.cells["姓名"] for row in found] == ["王,桂英", "李"]
    assert (found[0].cells["备注"], found[1].number) == ("一\n二", 3)


def test_empty_rows_keep_their_numbers_and_totals_go() -> None:
    text = csv_text(("名册", "", ""), HEADERS, ("", "", ""), PERSON, ("合计", "1", ""))
    assert rows(text.encode()) == [Row(4, dict(CELLS))]


def test_a_row_with_more_cells_than_headers_says_so() -> None:
    found = rows((TEXT + "李,5001,1942-1-1,多\r\n赵,5002,1942-1-1,\r\n").encode())
    assert [bool(row.problem) for row in found] == [False, True, False]


def test_a_quote_that_is_never_closed_is_refused() -> None:
    text = TEXT + '"李,5001,' + "字" * 40_000
    with pytest.raises(why.Damaged, match="引号"):
        rows(text.encode())


@pytest.mark.parametrize("cell", ["500190194205061000", "5.00190194205061E+17"])
def test_a_csv_cell_that_a_spreadsheet_cut_is_flagged(cell: str) -> None:
    text = csv_text(HEADERS, (PERSON[0], cell, PERSON[2]))
    assert rows(text.encode())[0].flags == {"身份证号": frozenset({Flag.ROUNDED})}


# -- Workbooks ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "book",
    [
        xlsx_of(HEADERS, PERSON),
        xls([HEADERS, PERSON]),
        ods(ods_row(*HEADERS) + ods_row(*PERSON)),
    ],
    ids=["xlsx", "xls", "ods"],
)
def test_every_workbook_gives_the_same_cells(book: bytes) -> None:
    assert rows(book) == [Row(2, dict(CELLS))]


def test_a_long_number_in_a_number_cell_is_flagged_as_cut() -> None:
    for book in (xlsx_of(HEADERS, ("王", 500190194205061024)), xls([HEADERS, ("王", 5.0019e17)])):
        assert rows(book)[0].flags == {"身份证号": frozenset({Flag.ROUNDED})}


def test_text_ending_in_zeros_is_trusted_in_a_workbook() -> None:
    assert rows(xlsx_of(HEADERS, ("王", "500190194205061000")))[0].flags == {}


def test_formulas_give_their_stored_value_and_a_flag() -> None:
    def fill(_: Workbook, sheet: Worksheet) -> None:
        sheet.write_row(0, 0, HEADERS)
        sheet.write_formula(1, 0, '="王"&"桂英"', None, "王桂英")
        sheet.write_formula(1, 1, "=1/0", None, "#DIV/0!")

    row = rows(xlsx(fill))[0]
    assert row.cells == {"姓名": "王桂英"}
    assert row.flags["姓名"] == {Flag.FORMULA}
    assert row.flags["身份证号"] == {Flag.FORMULA, Flag.ERROR}


def test_a_formula_in_ods_is_flagged_where_it_stands() -> None:
    empty = '<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>'
    row = ods_row("王", "1", extra=' table:formula="of:=1+0"')
    found = rows(ods(ods_row(*HEADERS) + empty + row))
    assert (found[0].number, found[0].flags["姓名"]) == (5, frozenset({Flag.FORMULA}))


@pytest.mark.parametrize("date1904", [False, True])
def test_dates_of_both_calendars(date1904: bool) -> None:
    def fill(book: Workbook, sheet: Worksheet) -> None:
        sheet.write_row(0, 0, ("姓名", "出生日期", "身份证号", "办证日期"))
        shape = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_datetime(1, 1, datetime(1942, 5, 6), shape)  # noqa: DTZ001
        sheet.write_number(1, 2, 15467 - 1462 * date1904)
        sheet.write_number(1, 3, 15467 - 1462 * date1904)

    sheet = read(xlsx(fill, date_1904=date1904), known=KNOWN)
    cells = next(iter(sheet)).cells
    assert cells["出生日期"] == date(1942, 5, 6)
    assert as_date(cells["办证日期"]) == date(1942, 5, 6)
    assert as_date(cells["身份证号"], date1904=sheet.date1904) == date(1942, 5, 6)


def test_merged_cells_below_the_header_hold_for_every_row() -> None:
    def fill(_: Workbook, sheet: Worksheet) -> None:
        sheet.write_row(0, 0, ("村", *HEADERS))
        sheet.merge_range("A2:A4", "白云村")
        for row in range(1, 4):
            sheet.write_row(row, 1, PERSON)

    found = list(read(xlsx(fill), known=KNOWN))
    assert [row.cells["村"] for row in found] == ["白云村"] * 3
    assert found[2].flags["村"] == {Flag.MERGED}


def test_a_merged_two_line_header_under_a_title_is_read() -> None:
    def fill(_: Workbook, sheet: Worksheet) -> None:
        sheet.merge_range("A1:D1", "白云村老年人名册")
        sheet.merge_range("A2:A3", "姓名")
        sheet.merge_range("B2:B3", "身份证号")
        sheet.merge_range("C2:D2", "联系人")
        sheet.write_row("C3", ["姓名", "电话"])
        sheet.write_row("A4", ["王桂英", "5001", "李", "138"])

    sheet = read(xlsx(fill), known=KNOWN)
    assert sheet.headers == ("姓名", "身份证号", "联系人姓名", "联系人电话")
    assert len(sheet.notes) == 2


def test_the_sheet_with_the_expected_headers_is_read_and_the_others_are_named() -> None:
    def fill(book: Workbook, first: Worksheet) -> None:
        first.write_row(0, 0, ["说明", "怎么填"])
        second = book.add_worksheet("数据")
        second.write_row(0, 0, HEADERS)
        second.write_row(1, 0, PERSON)
        hidden = book.add_worksheet("藏")
        hidden.hide()
        hidden.write_row(0, 0, HEADERS)

    sheet = read(xlsx(fill), known=KNOWN)
    assert (sheet.name, len(list(sheet))) == ("数据", 1)
    assert "名册" in sheet.notes[0]


def test_a_renamed_file_is_read_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "名册.xls"
    path.write_bytes(TEXT.encode("gbk"))
    with read(path, known=KNOWN) as sheet:
        assert (sheet.kind, len(list(sheet)), len(list(sheet))) == (Kind.CSV, 1, 1)


def test_json_lines_keep_exact_numbers_and_bad_lines_their_place() -> None:
    text = '{"name":"王","pay":1.10}\n\n[1]\n{"name":\n{"id":500190194205061024,"x":{}}\n'
    found = list(read(text.encode()))
    assert [row.number for row in found] == [1, 3, 4, 5]
    assert found[0].cells["pay"] == Decimal("1.10")
    assert found[1].problem
    assert found[2].problem
    assert found[3].flags == {"id": {Flag.ROUNDED}, "x": {Flag.NESTED}}


# -- Refused with the reason ----------------------------------------------------------------------

BOOK = xlsx_of(HEADERS, PERSON)


def bomb() -> bytes:
    """A sheet of 60 MB of blanks in some kilobytes."""
    return repacked(
        BOOK, lambda name, body: body + b" " * 60_000_000 if name.endswith("sheet1.xml") else body
    )


def lying_bomb() -> bytes:
    """A zip whose directory says that the sheet is small."""
    packed = bytearray(bomb())
    with zipfile.ZipFile(io.BytesIO(bytes(packed))) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size.to_bytes(4, "little")
    return bytes(packed).replace(size, (900).to_bytes(4, "little"))


def far_cell() -> bytes:
    """A cell in the last corner of the largest sheet."""
    cell = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    return repacked(BOOK, lambda _, body: body.replace(b"</sheetData>", cell))


def many_ods_cells() -> bytes:
    """One filled cell, repeated over the largest sheet."""
    cell = (
        '<table:table-row table:number-rows-repeated="1048576"><table:table-cell'
        ' office:value-type="string" table:number-columns-repeated="200"><text:p>x</text:p>'
        "</table:table-cell></table:table-row>"
    )
    return ods(ods_row(*HEADERS) + cell)


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'

BAD = {
    "nothing": (b"", why.EmptyFile, "空"),
    "blank lines": (b"\r\n \r\n,,\r\n", why.EmptyFile, "空"),
    "empty book": (xlsx_of(), why.EmptyFile, "空"),
    "no header": (b"138,500\r\n139,501\r\n", why.NoHeader, "表头"),
    "bomb": (bomb(), why.PackedTooTight, "大得不正常"),
    "lying bomb": (lying_bomb(), SheetRefused, ""),
    "far cell": (far_cell(), why.FileTooLarge, "还有内容"),
    "repeated cells": (many_ods_cells(), why.FileTooLarge, "格子太多"),
    "entities": (ods(ods_row(*HEADERS), head=LAUGHS), why.PackedTooTight, "大得不正常"),
    "locked xlsx": (ole("EncryptedPackage", b"x"), why.Locked, "密码"),
    "locked xls": (xls([HEADERS], locked=True), why.Locked, "密码"),
    "cut off": (BOOK[: len(BOOK) // 2], why.Damaged, "坏了"),
    "no workbook part": (without_part(BOOK, "xl/workbook.xml"), why.Damaged, "坏了"),
    "no sheet part": (without_part(BOOK, "xl/worksheets/sheet1.xml"), why.Damaged, "坏了"),
    "broken xml": (repacked(BOOK, lambda _, body: body[:300]), SheetRefused, ""),
    "broken ole": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, why.Damaged, "坏了"),
    "pdf": (b"%PDF-1.7 x", why.NotASheet, "PDF"),
    "photo": (b"\xff\xd8\xff\xe0 x", why.NotASheet, "照片"),
    "zip": (repacked(BOOK, lambda n, b: b if "theme" in n else None), why.NotASheet, "解压"),
    "word": (ole("WordDocument", b"x"), why.NotASheet, "Word"),
    "web page": ("<html><table><tr><td>姓名".encode("gbk"), why.NotASheet, "网页"),
    "binary": (bytes(range(256)) * 8, why.NotASheet, "读不出"),
    "json array": (b'[{"a":1}]', why.NotASheet, "数组"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_the_reason(name: str) -> None:
    content, error, words = BAD[name]
    with pytest.raises(error) as caught:
        rows(content)
    assert words in caught.value.message


def test_a_file_of_200_mb_is_refused_at_the_page_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    with path.open("wb") as file:
        file.write(TEXT.encode())
        file.truncate(200 << 20)
    with pytest.raises(why.FileTooLarge, match=r"209\.7 MB"):
        read(path, limits=UPLOAD)


def test_too_wide_and_too_long_are_refused() -> None:
    wide = ",".join(f"列{chr(0x4E00 + n)}" for n in range(400))
    with pytest.raises(why.FileTooLarge, match="300 列"):
        read(wide.encode())
    with pytest.raises(why.FileTooLarge, match="2 行"):
        list(read((TEXT + TEXT).encode(), limits=Limits(rows=2)))
