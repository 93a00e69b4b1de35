"""One person in Python and a whole snapshot in SQL: the same answer."""

import os
from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Any

import ibis
import pytest

from songbai.domain.benefits.population import column, decide_population, layered, snapshot_of
from songbai.domain.benefits.population.at_size import complete_columns, decide_city
from songbai.domain.benefits.rules import Month, Policy, decide_all
from songbai.domain.benefits.rules.facts import Sheet

ENGINE = ibis.duckdb.connect()
#: Each question goes to one of the two tables in turn; to both with ``SONGBAI_THOROUGH=1``.
THOROUGH = os.environ.get("SONGBAI_THOROUGH") == "1"


def at_size(
    people: Sequence[Sheet], policies: Sequence[Policy], month: Month
) -> list[dict[str, Any]]:
    """Rows of the decision table."""
    table = decide_population(snapshot_of(people, policies, month), policies, month)
    with layered():
        rows: list[dict[str, Any]] = ENGINE.to_pyarrow(table.order_by("person")).to_pylist()
    return rows


def one_by_one(sheet: Sheet, policies: Sequence[Policy], month: Month) -> dict[str, Any]:
    """The same row, from the Python side."""
    row: dict[str, Any] = {}
    for decision in decide_all(policies, sheet, month):
        found = (decision.failed_mask, decision.unknown_mask, decision.amount)
        for what, value in zip(("failed", "unknown", "amount"), found, strict=True):
            row[column(decision.policy, what)] = value
    return row


def assert_alike(people: Sequence[Sheet], policies: Sequence[Policy], month: Month) -> None:
    for place, (sheet, row) in enumerate(
        zip(people, at_size(people, policies, month), strict=True)
    ):
        assert row.pop("person") == place
        assert row == one_by_one(sheet, policies, month)


def assert_packed_alike(people: Sequence[Sheet], policies: Sequence[Policy], month: Month) -> None:
    ENGINE.con.register("people", ENGINE.to_pyarrow(snapshot_of(people, policies, month)))
    table = ENGINE.table("people")
    decided = decide_city(table, policies, month, complete_columns(table, policies))
    with layered():
        words = decided.criteria.order_by("person").to_pyarrow().to_pylist()
        rows = decided.outcomes.to_pyarrow().to_pylist()
    outcomes = {(row["person"], row["policy"]): row for row in rows}
    for person, sheet in enumerate(people):
        for place, decision in enumerate(decide_all(policies, sheet, month)):
            found = decision.policy
            word, shift, bits = decided.layout[found.code]
            known = (1 << len(found.criteria)) - 1
            assert bits == len(found.criteria)
            masks = decision.failed_mask & known, decision.unknown_mask & known
            packed = [words[person][f"{what}{word}"] for what in ("failed", "unknown")]
            assert tuple(one >> shift & known for one in packed) == masks
            outcome = outcomes.pop((person, place), None)
            assert (outcome is None) == bool(masks[0])
            if outcome:
                full = (decision.failed_mask, decision.unknown_mask, decision.amount)
                assert (outcome["failed"], outcome["unknown"], outcome["amount"]) == full
    assert not outcomes


_turn = cycle((assert_alike, assert_packed_alike))
#: What a test asked of Python alone, by the law and the month.
_asked: dict[tuple[str, tuple[int, ...]], tuple[Sequence[Policy], Month, list[Sheet]]] = {}


@pytest.fixture(autouse=True)
def tables_agree() -> Iterator[None]:
    """At the end of a test the tables say what Python said: people of a month in one question."""
    _asked.clear()
    yield
    for policies, month, people in _asked.values():
        for agree in (assert_alike, assert_packed_alike) if THOROUGH else (next(_turn),):
            agree(people, policies, month)


def given(policies: Sequence[Policy], sheet: Sheet, month: str) -> list[int | None]:
    """What each policy gives somebody in a month, fen; ``tables_agree`` asks the tables, too."""
    when = Month(month)
    law = tuple(map(id, policies))
    _asked.setdefault((month, law), (list(policies), when, []))[2].append(sheet)
    return [decision.amount for decision in decide_all(policies, sheet, when)]


def a_year(policies: Sequence[Policy], sheet: Sheet, year: int = 2027) -> list[int]:
    """What each policy gives somebody in the months of a year, fen; the table is asked of two."""
    for month in ("11", "12"):
        given(policies, sheet, f"{year}-{month}")
    months = [Month(f"{year}-{number:02d}") for number in range(1, 13)]
    found = [[one.amount or 0 for one in decide_all(policies, sheet, month)] for month in months]
    return [sum(each) for each in zip(*found, strict=True)]
