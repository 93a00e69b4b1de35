"""Rows of one delivery are compared with each other, at every door and in every feed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songbai.domain.elders.models import Elder, Fact
from songbai.domain.feeds.models import Delivery, RefusedRow
from songbai.domain.feeds.reading import pieces
from songbai.domain.feeds.rules.cells import Value
from songbai.domain.feeds.rules.schema import Schema, schemas
from songbai.domain.feeds.rules.within import Line, contradictions, number_column
from songbai.domain.matching.models import Candidate
from tests.cast import Cast

from .deliveries import MOTHER, NEIGHBOUR, Row, day, deliver, dibao, number_of, pension

FEEDS = [pytest.param(schema, id=code) for code, schema in schemas().items()]


def _other(one: str, other: str) -> bool:
    return one != other


def _line(schema: Schema, at: int, **other: Value | None) -> Line:
    """A row that says the same as any other, but for ``other``."""
    said: dict[str, Value | None] = {column.name: column.name for column in schema.columns}
    return Line(at, said | other)


def _marked(schema: Schema, *lines: Line) -> set[tuple[int, str]]:
    return {(one.number, one.column) for one in contradictions(schema, lines, _other)}


@pytest.mark.parametrize("schema", FEEDS)
def test_one_number_with_two_names_is_marked_in_both_rows(schema: Schema) -> None:
    record = {schema.source_id[0]: "another record"} if len(schema.source_id) == 1 else {}
    record.pop(number_column(schema), None)
    two = _line(schema, 3, name="another", **record)
    assert {(2, "name"), (3, "name")} <= _marked(schema, _line(schema, 2), two)


@pytest.mark.parametrize("schema", FEEDS)
def test_one_record_that_says_two_things_of_one_moment_is_marked(schema: Schema) -> None:
    fixed = {*schema.source_id, schema.observed_at, number_column(schema)}
    for column in schema.columns:
        if column.name not in fixed:
            two = _line(schema, 3, **{column.name: "something else"})
            assert {(2, column.name), (3, column.name)} <= _marked(schema, _line(schema, 2), two)


@pytest.mark.parametrize("schema", FEEDS)
def test_one_record_of_two_people_is_marked(schema: Schema) -> None:
    number = number_column(schema)
    if number not in schema.source_id:
        two = _line(schema, 3, **{number: "somebody else"})
        assert {(2, number), (3, number)} <= _marked(schema, _line(schema, 2), two)


@pytest.mark.parametrize("schema", FEEDS)
def test_of_three_rows_about_one_the_two_that_agree_are_marked_too(schema: Schema) -> None:
    two, other = (_line(schema, at, name=name) for at, name in ((3, "name"), (4, "another")))
    assert {(at, "name") for at in (2, 3, 4)} <= _marked(schema, _line(schema, 2), two, other)


@pytest.mark.parametrize("schema", FEEDS)
def test_the_same_again_and_a_row_that_says_less_contradict_nothing(schema: Schema) -> None:
    less = {c.name: None for c in schema.columns if not c.required}
    lines = [_line(schema, 2), _line(schema, 3), _line(schema, 4, **less)]
    assert not _marked(schema, *lines)


@given(st.data())
def test_in_whatever_order_rows_stand_the_same_ones_are_marked(data: st.DataObject) -> None:
    schema = data.draw(st.sampled_from(list(schemas().values())))
    word = st.sampled_from(["a", "b", None])
    says = st.fixed_dictionaries({column.name: word for column in schema.columns})
    lines = [Line(at, said) for at, said in enumerate(data.draw(st.lists(says, max_size=6)))]
    mixed = data.draw(st.permutations(lines))
    assert _marked(schema, *lines) == _marked(schema, *mixed)


def _death(number: str, name: str, died: int, record: str) -> Row:
    return {
        "注销流水号": record,
        "公民身份号码": number,
        "姓名": name,
        "死亡日期": day(died),
        "注销日期": day(2),
    }


def _refused(done: Delivery) -> list[tuple[int, list[str]]]:
    rows = RefusedRow.objects.filter(delivery=done).order_by("row_number")
    return [(row.row_number, [one["title"] for one in row.problems]) for row in rows]


def test_a_department_that_gives_one_number_two_names_gets_both_rows_back(cast: Cast) -> None:
    rows = [
        pension(MOTHER, "王桂英", "1800", key="P1"),
        pension(NEIGHBOUR, "李松福", "900"),
        pension(MOTHER, "钱大壮", "700", key="P2"),
    ]
    done = deliver("renshe_pensions", rows)
    assert (done.refused, done.matched, done.unmatched) == (2, 1, 0)
    assert [number for number, _ in _refused(done)] == [2, 4]
    assert not Fact.objects.filter(elder=cast.mother, source="renshe").exists()


def test_two_days_of_one_death_are_both_sent_back(cast: Cast) -> None:
    rows = [_death(MOTHER, "王桂英", 5, "D1"), _death(MOTHER, "王桂英", 9, "D2")]
    done = deliver("gongan_deaths", rows)
    assert _refused(done) == [(2, ["死亡日期"]), (3, ["死亡日期"])]
    cast.mother.refresh_from_db()
    assert cast.mother.died_on is None


def test_rows_are_compared_across_pieces(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "ROWS", 1)
    rows = [
        dibao(MOTHER, "王桂英"),
        dibao(NEIGHBOUR, "李松福", case="B2"),
        dibao(MOTHER, "王桂英", "特困", case="C3"),
    ]
    done = deliver("minzheng_hardship", rows)
    assert (done.refused, done.matched) == (2, 1)
    assert not Fact.objects.filter(elder=cast.mother, source="minzheng").exists()


def test_a_number_is_the_same_in_whatever_way_it_is_written(cast: Cast) -> None:
    wide = "".join(chr(ord(one) + 0xFEE0) for one in MOTHER)
    done = deliver("minzheng_hardship", [dibao(MOTHER, "王桂英"), dibao(wide, "钱大壮", case="B2")])
    assert (done.refused, done.matched) == (2, 0)


def test_one_person_under_two_numbers_in_a_village_is_asked_about(cast: Cast) -> None:
    rows = [
        {
            "身份证号": number_of(order),
            "姓名": "孙松柏",
            "家庭住址": "东方路 1 号",
            "村社代码": "500151001001",
        }
        for order in (101, 103)
    ]
    done = deliver("village_register", rows)
    assert (done.registered, done.unmatched) == (1, 1)
    assert Candidate.objects.filter(elder=Elder.objects.get(name="孙松柏")).count() == 1
