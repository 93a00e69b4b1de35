from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songbai.core.sheets.refusals import CellRefused
from songbai.core.sheets.values import (
    as_code,
    as_date,
    as_number,
    as_yes,
    clean,
    cut_short,
    plain,
)

DAY = date(2026, 1, 5)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  王桂英 ", "王桂英"),
        ("\u3000王桂英\u00a0", "王桂英"),
        ("１３８０００", "138000"),
        ("ＸＹｚ", "XYz"),
        ("幸福路８号，３－２（左）", "幸福路8号，3-2（左）"),
        ("\ufeff姓\u200b名", "姓名"),
        ("'5001", "5001"),
        ("’5001", "5001"),
        ("'李", "'李"),
        ('="0012"', "0012"),
        ("一\r\n二", "一\n二"),
        ("5001\t", "5001"),
        ("a\x07b", "ab"),
    ],
)
def test_text_is_cleaned_of_what_nobody_meant(typed: str, kept: str) -> None:
    assert clean(typed) == kept


@given(st.text(alphabet=st.characters(codec="utf-8")) | st.text("'=\" １２　\u200b\t王-+0"))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    "typed",
    [
        "2026-1-5", "2026/01/05", "2026.1.5", "20260105", "2026年1月5日", "２０２６－０１－０５",
        " 2026-01-05 00:00:00", "2026-01-05T08:30:00+08:00", "二〇二六年一月五日", "2026 1 5",
        "46027",
    ],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(typed: str) -> None:
    assert as_date(typed) == DAY


@given(st.dates(date(1910, 1, 2), date(2099, 12, 31)))
def test_serial_days_of_both_calendars_name_the_same_day(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    assert as_date(Decimal(serial)) == day
    if day >= date(1914, 2, 1):
        assert as_date(Decimal(serial - 1462), date1904=True) == day


@given(st.dates(date(1850, 1, 1), date(2100, 12, 31)))
def test_every_day_comes_back_from_its_text(day: date) -> None:
    ways = (
        f"{day:%Y%m%d}",
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
    )
    assert {as_date(text) for text in (*ways, day.isoformat())} == {day}


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("1950-2-30", "没有这一天"), ("19500230", "没有这一天"), ("1/5/2026", "看不出哪个是年"),
        ("1950", "只有年份"), ("195005", "只到月份"), ("1950年5月", "只到月份"),
        ("1950.5", "只到月份"),
        ("农历五月初三", "农历"), ("不详", "不是日期"), ("0042-01-01", "年份不对"),
        ("-5", "不是日期"),
        ("1950-00-00", "没有这一天"), ("99999999", "没有这一天"),
    ],
)  # fmt: skip
def test_what_is_no_day_is_refused_with_the_reason(typed: str, reason: str) -> None:
    with pytest.raises(CellRefused, match=reason):
        as_date(typed)


@given(st.text(max_size=30) | st.text("0123456789-/.年月日", max_size=12))
def test_any_text_gives_a_day_nothing_or_a_reason(text: str) -> None:
    try:
        day = as_date(text)
    except CellRefused as refusal:
        assert refusal.message
    else:
        assert day is None or 1850 <= day.year <= 2100


@pytest.mark.parametrize(
    ("typed", "number"),
    [("1,234.50", "1234.50"), ("￥80元", "80"), ("１２", "12"), ("-3", "-3"), ("1.2E+3", "1200")],
)
def test_numbers_are_read_with_their_ornaments(typed: str, number: str) -> None:
    assert as_number(typed) == Decimal(number)


@pytest.mark.parametrize("typed", ["约80", "1.2.3", "八十", "--"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(CellRefused):
        as_number(typed)


@pytest.mark.parametrize(("typed", "said"), [("是", True), ("√", True), ("无", False), ("", None)])
def test_yes_and_no(typed: str, said: bool | None) -> None:
    assert as_yes(typed) is said


def test_a_number_that_is_a_name_loses_only_its_spaces() -> None:
    assert as_code("500190 19420506 102x") == "50019019420506102x"
    assert as_code(Decimal(13800000000)) == "13800000000"


@pytest.mark.parametrize("value", ["5.00190194205061E+17", Decimal("1.5"), DAY, True])
def test_what_is_no_long_number_is_refused(value: str | Decimal | date | bool) -> None:
    with pytest.raises(CellRefused):
        as_code(value)


@pytest.mark.parametrize("typed", ["500190194205061000", "5.0019E+17"])
def test_a_number_cut_to_fifteen_digits_is_seen(typed: str) -> None:
    assert cut_short(typed)


@pytest.mark.parametrize("typed", ["500190194205061024", "1000000000000000", "1.5E+3", "王000"])
def test_other_numbers_are_whole(typed: str) -> None:
    assert not cut_short(typed)


def test_cells_of_a_workbook_become_values() -> None:
    assert plain(3.0) == Decimal(3)
    assert plain(0.1) == Decimal("0.1")
    assert plain(5.00190194205061e17) == Decimal("500190194205061000")
    assert plain(float("nan")) is None
    assert plain("  ") is None
    assert plain(timedelta(hours=1)) == "1:00:00"
