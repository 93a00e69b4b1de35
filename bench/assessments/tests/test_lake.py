"""The lake's expression and the pure function say the same, on anything."""

import json
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.assessments import lake
from songbai.domain.assessments.rules.answers import decode, encode
from songbai.domain.assessments.rules.instrument import Instrument
from songbai.domain.assessments.rules.scoring import score
from songbai.domain.assessments.tests.forms import GBT, INSTRUMENTS, answers, best, worst

pytestmark = pytest.mark.slow


def in_the_lake(instrument: Instrument, rows: list[tuple[Any, str]]) -> list[dict[str, Any]]:
    table = pa.table(
        {
            "n": pa.array(range(len(rows))),
            "choices": pa.array([row[0] for row in rows], pa.list_(pa.int16())),
            "background": pa.array([row[1] for row in rows], pa.string()),
        }
    )
    connection = duckdb.connect()
    connection.register("stored", table)
    stored = ibis.duckdb.from_connection(connection).table("stored")
    found: list[dict[str, Any]] = (
        lake.scored(instrument, stored).order_by("n").to_pyarrow().to_pylist()
    )
    return found


@pytest.mark.parametrize("code", INSTRUMENTS)
@settings(max_examples=12)
@given(data=st.data())
def test_lake_and_pure_function_agree(code: str, data: st.DataObject) -> None:
    instrument = INSTRUMENTS[code]
    given_ = data.draw(st.lists(answers(instrument), min_size=1, max_size=40))
    stored = [encode(instrument, one) for one in given_]
    rows = [(row.choices, json.dumps(row.background)) for row in stored]
    for one, found in zip(given_, in_the_lake(instrument, rows), strict=True):
        result = score(instrument, one)
        assert {code: found[f"score_{code}"] for code in result.scores} == result.scores
        assert (found["total"], found["initial_level"]) == (result.total, result.initial_level)
        assert found["final_level"] == result.final_level


@pytest.mark.parametrize(
    "choices", [[0] * 25, [0] * 27, [0] * 25 + [5], [0] * 25 + [-1], [0] * 25 + [None], [], None]
)
def test_a_row_that_cannot_be_has_no_level(choices: list[int] | None) -> None:
    bad, good = in_the_lake(GBT, [(choices, "{}"), (encode(GBT, best()).choices, "{}")])
    assert (bad["total"], bad["initial_level"], bad["final_level"]) == (None, None, None)
    assert good["final_level"] == 0


@pytest.mark.parametrize("code", INSTRUMENTS)
@given(data=st.data())
def test_stored_answers_are_read_back(code: str, data: st.DataObject) -> None:
    instrument = INSTRUMENTS[code]
    stored = encode(instrument, data.draw(answers(instrument)))
    again = decode(instrument, stored.choices, json.loads(json.dumps(stored.background)))
    assert encode(instrument, again) == stored


def test_asleep_and_in_coma_stay_apart() -> None:
    coma = encode(GBT, worst())
    asleep = encode(GBT, {**worst(), "B.3.9": 0})
    place = list(GBT.items).index("B.3.9")
    assert (coma.choices[place], asleep.choices[place]) == (3, 2)


def test_a_row_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        decode(GBT, [0] * 17, {})
