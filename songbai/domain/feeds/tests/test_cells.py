"""Cells as departments write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songbai.core.sheets.values import Flag
from songbai.domain.elders.rules.kinds import check as check_value
from songbai.domain.elders.rules.kinds import kinds
from songbai.domain.feeds.rules.cells import (
    EMPTY,
    FORMULA,
    SCIENTIFIC,
    Problem,
    money,
    month,
    plain_cells,
)
from songbai.domain.feeds.rules.rows import Checked, Spoilt, _one, check
from songbai.domain.feeds.rules.schema import Column, Schema, Type, schemas
from songbai.domain.matching.rules import check_character

pytestmark = pytest.mark.long

TODAY = date(2026, 11, 22)
GOOD = "11010519491231002X"


def read(code: str, **columns: list[str | None]) -> Checked:
    """A block of a feed with these columns."""
    rows = len(next(iter(columns.values())))
    return check(schemas()[code], columns, rows, TODAY)


def reasons(checked: Checked, column: str) -> list[str]:
    return [wrong.reason for wrong in checked.wrong if wrong.column == column]


@pytest.mark.parametrize(
    "written",
    [GOOD, "11010519491231002x", " 110105 19491231 002X ", "１１０１０５１９４９１２３１００２Ｘ"],
)
def test_an_identity_number_is_read_however_it_is_written(written: str) -> None:
    assert read("gongan_deaths", id_number=[written]).values["id_number"] == [GOOD]


def test_a_number_of_fifteen_places_is_completed() -> None:
    assert read("gongan_deaths", id_number=["110105491231002"]).values["id_number"] == [GOOD]


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("110105194912310021", "最后一位"),
        ("11010519491331002X", ""),
        ("1101051949", "18 位"),
        ("1.10105E+17", "Excel"),
        (None, "必填"),
        ("=A1", "公式"),
    ],
)
def test_a_wrong_identity_number_says_what_is_wrong(written: str | None, says: str) -> None:
    found = reasons(read("gongan_deaths", id_number=[written]), "id_number")
    assert len(found) == 1
    assert says in found[0]


@given(st.lists(st.text(alphabet="0123456789X x－", max_size=20), min_size=1, max_size=8))
def test_the_sweep_and_the_careful_reading_agree(written: list[str]) -> None:
    together = read("gongan_deaths", id_number=list(written))
    alone = [read("gongan_deaths", id_number=[one]).values["id_number"][0] for one in written]
    assert together.values["id_number"] == alone


@given(
    st.integers(10_000, 99_999), st.dates(date(1900, 1, 1), date(2020, 1, 1)), st.integers(0, 999)
)
def test_every_valid_number_is_read_as_it_is(division: int, birth: date, order: int) -> None:
    body = f"{division}0{birth:%Y%m%d}{order:03d}"[:17]
    number = body + check_character(body)
    assert read("gongan_deaths", id_number=[number]).values["id_number"] == [number]


@pytest.mark.parametrize("born", ["18000101", "20900101"])
def test_a_number_of_an_impossible_birth_goes_back(born: str) -> None:
    body = f"500151{born}001"
    read_ = read("gongan_deaths", id_number=[body + check_character(body)])
    assert reasons(read_, "id_number") == ["里面的出生日期不可能，请核对"]


@pytest.mark.parametrize(
    "written", ["2026-11-02", "2026/11/2", "20261102", "2026年11月2日", "46328", "2026.11.2 08:30"]
)
def test_a_day_is_read_as_text_and_as_a_serial_number(written: str) -> None:
    assert read("gongan_deaths", died_on=[written]).values["died_on"] == [date(2026, 11, 2)]


def test_a_day_after_today_goes_back() -> None:
    assert reasons(read("gongan_deaths", died_on=["2026-11-23"]), "died_on") == [
        "日期在今天以后，请核对"
    ]


def test_a_discharge_before_the_admission_goes_back() -> None:
    checked = read("yibao_stays", admitted_on=["2026-11-05"], discharged_on=["2026-11-01"])
    assert reasons(checked, "discharged_on") == ["早于入院日期，请核对"]


@pytest.mark.parametrize(
    ("written", "fen"),
    [("1,860.5", 186_050), ("￥1860.50元", 186_050), ("0", 0), ("3000", 300_000)],
)
def test_money_is_fen(written: str, fen: int) -> None:
    assert money(written) == fen


@pytest.mark.parametrize("written", ["1860.555", "-3", "一千", "nan", "1e9999", "Infinity"])
def test_what_is_no_amount_goes_back(written: str) -> None:
    assert isinstance(money(written), Problem)


def test_too_much_money_asks_for_the_unit() -> None:
    assert "单位" in str(money("186050.00", most=5_000_000))


@pytest.mark.parametrize("written", ["2026-11", "202611", "2026年11月", "2026-11-30"])
def test_a_month_is_its_first_day(written: str) -> None:
    assert month(written) == date(2026, 11, 1)


@pytest.mark.parametrize("written", ["农村低保", "低保", "2", "２", "dibao"])
def test_a_code_is_known_by_all_its_names(written: str) -> None:
    assert read("minzheng_hardship", kind=[written]).values["kind"] == ["dibao"]


def test_roman_numerals_of_any_width_are_one_grade() -> None:
    assert read("yibao_ltci", grade=["重度失能Ⅱ级", "重度失能II级"]).values["grade"] == ["4", "4"]


def test_an_unknown_code_names_the_known_ones() -> None:
    assert "特困" in reasons(read("minzheng_hardship", kind=["五保"]), "kind")[0]


@pytest.mark.parametrize("written", [None, "", "-", "/", "无", "NULL"])
def test_nothing_is_nothing_however_it_is_written(written: str | None) -> None:
    assert read("minzheng_hardship", income=[written]).values["income"] == [None]
    assert read("minzheng_hardship", kind=[written]).values["kind"] == [EMPTY]


def test_a_formula_goes_back() -> None:
    assert reasons(read("minzheng_hardship", case_no=["=1+1"]), "case_no") == [str(FORMULA)]


def test_a_cell_its_file_spoilt_says_so_once() -> None:
    columns = {"id_number": ["110105194912310000"]}
    spoilt = [Spoilt(0, "id_number", Flag.ROUNDED)]
    checked = check(schemas()["gongan_deaths"], columns, 1, TODAY, spoilt=spoilt)
    assert reasons(checked, "id_number") == [str(SCIENTIFIC)]


def test_only_rows_without_anything_wrong_are_good() -> None:
    checked = read("minzheng_hardship", kind=["低保", "五保", "特困"], since=["2020-1-1"] * 3)
    assert checked.good == [0, 2]


def test_a_division_that_is_not_known_goes_back() -> None:
    schema = schemas()["village_register"]
    known = {"500151001001": "东方社区"}
    checked = check(schema, {"region": ["500151001001", "500151001999"]}, 2, TODAY, known)
    assert checked.values["region"][0] == "500151001001"
    assert reasons(checked, "region") == ["没有这个区划代码，可能是旧代码"]


def test_sex_and_birth_date_are_held_against_the_identity_number() -> None:
    checked = read(
        "village_register",
        id_number=[GOOD, GOOD, GOOD, None],
        sex=["女", "男", None, "男"],
        birth_date=["1949-12-31", "1949-12-13", "1949/12/31", "1950-01-01"],
    )
    found = [(wrong.row, wrong.column) for wrong in checked.wrong if "身份证号里的" in wrong.reason]
    assert found == [(1, "sex"), (1, "birth_date")]


@given(
    st.sampled_from(
        [
            Column(name="c", title="c", type=kind, length=6, most=200_000)
            for kind in (Type.TEXT, Type.NAME, Type.PHONE, Type.BANK_CARD, Type.MONEY, Type.INTEGER)
        ]
    ),
    st.lists(
        st.none()
        | st.text(alphabet="0123456789.,王李无空-·AnulN =", max_size=8)
        | st.from_regex(r"[0-9]{1,10}(\.[0-9]{1,3})?", fullmatch=True)
        | st.from_regex(r"1[0-9]{10}|[0-9]{11,31}", fullmatch=True),
        min_size=1,
        max_size=8,
    ),
)
def test_a_whole_column_is_read_as_its_cells_one_by_one(
    column: Column, cells: list[str | None]
) -> None:
    read, doubtful = plain_cells(column, cells)
    for at in set(range(len(cells))) - set(doubtful):
        assert read[at] == _one(column, cells[at], TODAY, None)
        assert not isinstance(read[at], Problem)


FORMED = {
    Type.NAME: "王桂英·买 .•A1⻢",
    Type.PHONE: "0123458l +-（）",
    Type.ADDRESS: "幸福路 8－号A",
    Type.BANK_CARD: "0123456789 -x",
}
COLUMNS_OF_FACTS = [
    pytest.param(schema, schema.column(fact.column), fact.kind, id=f"{code}.{fact.column}")
    for code, schema in schemas().items()
    for fact in schema.facts
    if schema.column(fact.column).type in FORMED
]


@pytest.mark.parametrize(("schema", "column", "kind"), COLUMNS_OF_FACTS)
@given(data=st.data())
def test_what_a_feed_reads_is_what_any_other_door_would_store(
    schema: Schema, column: Column, kind: str, data: st.DataObject
) -> None:
    texts = st.text(FORMED[column.type], min_size=1, max_size=20)
    cell = data.draw(texts)
    value = check(schema, {column.name: [cell]}, 1, TODAY).values[column.name][0]
    if value is not None and not isinstance(value, Problem):
        assert check_value(kinds()[kind], cell) == check_value(kinds()[kind], str(value)) == value


@pytest.mark.parametrize(
    ("column", "written", "says"),
    [
        ("name", "马小⻢", "姓名第 3 个字符“⻢”是部首"),
        ("name", "王桂英（母）", "姓名第 4 个字符“（”"),
        ("phone", "1380o138000", "第 5 个字符“o”"),
        ("id_number", "5001901942O5061028", "第 11 个字符“O”"),
    ],
)
def test_a_refusal_names_the_character_and_its_place(column: str, written: str, says: str) -> None:
    cells: dict[str, list[str | None]] = {column: [written]}
    [found] = reasons(read("village_register", **cells), column)
    assert says in found
