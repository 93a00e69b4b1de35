from collections.abc import Sequence

import pytest

from songbai.core.sheets.headers import find_header, is_foot, key
from songbai.core.sheets.values import Value

KNOWN = ("姓名", "身份证号", "出生日期", "联系人电话")


def cells(*rows: str) -> list[list[Value]]:
    """Rows written with bars between cells."""
    return [[cell or None for cell in row.split("|")] for row in rows]


@pytest.mark.parametrize("known", [KNOWN, ()])
def test_a_title_above_the_header_is_passed_over(known: Sequence[str]) -> None:
    rows = cells(
        "白云村老年人名册||", "单位：人|2026年1月|", "姓名|身份证号|出生日期", "王|5001|1942-5-6"
    )
    header = find_header(rows, known)
    assert header is not None
    assert (header.first, header.names) == (2, ("姓名", "身份证号", "出生日期"))


def test_two_lines_are_joined_and_the_group_of_the_person_adds_nothing() -> None:
    rows = cells("基本情况||联系人|", "姓名|身份证号|姓名|电话", "王|5001|李|138000")
    header = find_header(rows, KNOWN)
    assert header is not None
    assert header.last == 1
    assert header.names == ("姓名", "身份证号", "联系人姓名", "联系人电话")


def test_merged_cells_tell_the_groups() -> None:
    rows = cells("姓名|联系人||身份证号", "|姓名|电话|", "王|李|138000|5001")
    header = find_header(rows, KNOWN, [((0, 1), (0, 2)), ((0, 0), (1, 0)), ((0, 3), (1, 3))])
    assert header is not None
    assert header.names == ("姓名", "联系人姓名", "联系人电话", "身份证号")


def test_data_below_a_header_with_a_nameless_column_is_data() -> None:
    header = find_header(cells("姓名|性别|", "张三|女|备注"), ())
    assert header is not None
    assert header.last == 0


def test_columns_of_one_name_and_of_none_are_told_apart() -> None:
    header = find_header(cells("姓名|电话|电话||身份证号", "王|138|139|x|500"), KNOWN)
    assert header is not None
    assert header.names == ("姓名", "电话", "电话2", "第4列", "身份证号")


def test_a_sheet_of_numbers_has_no_header() -> None:
    assert find_header(cells("1385001|5002001", "138|500"), ()) is None


def test_headers_are_compared_without_ornaments() -> None:
    assert key("* 身份证 号（必填）") == key("身份证号")


@pytest.mark.parametrize("row", ["合计||38|", "填表人：李四|||", "审核人|王五||||"])
def test_totals_and_signatures_are_no_people(row: str) -> None:
    assert is_foot(cells(row)[0])


@pytest.mark.parametrize("row", ["总有才|500190194205061024|1942-5-6|铜梁区", "王|5001"])
def test_people_are_no_totals(row: str) -> None:
    assert not is_foot(cells(row)[0])
