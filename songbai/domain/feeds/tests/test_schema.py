"""The schemas are sound, and their pages are current."""

from datetime import date, timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from songbai.domain.elders.rules.kinds import kinds
from songbai.domain.feeds.rules.rows import check
from songbai.domain.feeds.rules.schema import FOLDER, Schema, lay_out, schemas
from songbai.domain.feeds.rules.states import Every, Rhythm, due_after, is_late, next_due
from tools import feed_pages

SEVEN = {"gongan", "renshe", "weijian", "yibao", "canlian", "shichang", "minzheng"}


def test_seven_departments_and_the_villages_deliver() -> None:
    assert {schema.department for schema in schemas().values()} == SEVEN | {"village"}


@pytest.mark.parametrize("schema", schemas().values(), ids=lambda schema: schema.code)
def test_every_fact_is_one_its_department_may_state(schema: Schema) -> None:
    for fact in schema.facts:
        assert schema.department in kinds()[fact.kind].sources, fact.kind


@pytest.mark.parametrize("schema", schemas().values(), ids=lambda schema: schema.code)
def test_every_code_of_a_fact_is_one_the_register_knows(schema: Schema) -> None:
    for fact in schema.facts:
        known = kinds()[fact.kind].codes
        if known:
            assert set(schema.column(fact.column).codes) <= set(known), fact.kind


@pytest.mark.parametrize("schema", schemas().values(), ids=lambda schema: schema.code)
def test_no_fact_ends_before_it_begins(schema: Schema) -> None:
    for fact in schema.facts:
        if fact.valid_from and fact.valid_to:
            assert schema.column(fact.valid_to).not_before == fact.valid_from


@pytest.mark.parametrize("schema", schemas().values(), ids=lambda schema: schema.code)
def test_a_complete_list_has_a_value_for_those_not_on_it(schema: Schema) -> None:
    for kind in schema.complete:
        assert schema.department in kinds()[kind].closed


@pytest.mark.parametrize("schema", schemas().values(), ids=lambda schema: schema.code)
def test_no_heading_means_two_columns(schema: Schema) -> None:
    headings = [heading for column in schema.columns for heading in set(column.headers)]
    assert len(headings) == len(set(headings))


@pytest.mark.parametrize("schema", schemas().values(), ids=lambda schema: schema.code)
def test_the_sample_row_of_a_page_is_a_good_row(schema: Schema) -> None:
    columns = {column.name: [feed_pages.sample(column)] for column in schema.columns}
    assert check(schema, columns, 1, date(2026, 11, 22)).wrong == []


@pytest.mark.parametrize("name", feed_pages.pages())
def test_the_pages_say_what_the_schemas_say(name: str) -> None:
    written = (feed_pages.FOLDER / name).read_text("utf-8")
    assert written == feed_pages.pages()[name], "run: python -m tools.feed_pages"


def test_a_schema_that_names_a_column_it_has_not_is_refused() -> None:
    raw = yaml.safe_load((FOLDER / "gongan_deaths.yaml").read_text("utf-8"))
    raw["observed_at"] = "nowhere"
    with pytest.raises(ValueError, match="nowhere"):
        Schema.model_validate(raw)


def test_columns_are_found_by_aliases_in_any_order() -> None:
    schema = schemas()["gongan_deaths"]
    headings = ("*姓 名", "死亡日期（必填）", "身份证", "流水号", "户口注销日期", "备注")
    layout = lay_out(schema, headings)
    assert layout.missing == ()
    assert layout.places["id_number"] == "身份证"
    assert layout.extra == ("备注",)


def test_a_remembered_mapping_goes_before_aliases() -> None:
    schema = schemas()["gongan_deaths"]
    layout = lay_out(schema, ("姓名", "曾用名"), {"曾用名": "name"})
    assert layout.places["name"] == "曾用名"


def test_what_is_missing_is_named_in_the_senders_words() -> None:
    assert "死亡日期" in lay_out(schemas()["gongan_deaths"], ("姓名", "身份证号")).missing


MONTHLY = Rhythm(Every.MONTH, 10, 3)


@pytest.mark.parametrize(
    ("came", "due"),
    [
        (date(2026, 11, 8), date(2026, 12, 10)),  # a little early
        (date(2026, 11, 10), date(2026, 12, 10)),
        (date(2026, 11, 20), date(2026, 12, 10)),  # late for November
        (date(2026, 12, 28), date(2027, 2, 10)),  # early for January
    ],
)
def test_the_next_due_day_follows_what_came(came: date, due: date) -> None:
    assert next_due(MONTHLY, came) == due


@pytest.mark.parametrize(
    ("due", "came", "next_one"),
    [
        (date(2026, 11, 10), date(2026, 11, 27), date(2026, 12, 10)),  # late for November
        (date(2026, 12, 10), date(2026, 11, 27), date(2027, 1, 10)),  # early for December
        (date(2026, 12, 10), date(2026, 11, 12), date(2026, 12, 10)),  # November again
        (date(2026, 9, 10), date(2026, 11, 27), date(2026, 12, 10)),  # after two that never came
    ],
)
def test_what_came_settles_what_was_due(due: date, came: date, next_one: date) -> None:
    assert due_after(MONTHLY, due, came) == next_one


def test_grace_is_no_alert() -> None:
    due = date(2026, 11, 10)
    assert not is_late(MONTHLY, due, date(2026, 11, 13))
    assert is_late(MONTHLY, due, date(2026, 11, 14))


@given(
    st.sampled_from(Every),
    st.integers(1, 28),
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
)
def test_something_is_always_due_after_what_came(every: Every, day: int, came: date) -> None:
    due = next_due(Rhythm(every, min(day, 7) if every is Every.WEEK else day), came)
    assert came < due <= came + timedelta(days=366 + 181)
