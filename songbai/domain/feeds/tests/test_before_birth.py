"""Nothing happens to anybody before the birth that the own identity number says."""

import pytest

from songbai.domain.elders.models import Fact
from songbai.domain.feeds.models import RefusedRow
from songbai.domain.feeds.rules.schema import Schema, Type
from tests.cast import Cast

from .deliveries import MOTHER, deliver, number
from .test_taken_back import PERSONAL, row_of

DAYS = [
    (schema, column.name)
    for schema in PERSONAL
    for column in schema.columns
    if column.type is Type.DATE and column.name != "birth_date"
]


@pytest.mark.parametrize(("schema", "name"), DAYS, ids=lambda one: getattr(one, "code", one))
def test_a_day_before_birth_goes_back(cast: Cast, schema: Schema, name: str) -> None:
    number(cast.mother, MOTHER)
    done = deliver(schema.code, [row_of(schema, **{name: "1942-05-05"})])
    assert (done.rows, done.refused) == (1, 1)
    reasons = {one["column"]: one["reason"] for one in RefusedRow.objects.get().problems}
    assert "早于身份证号里的出生日期" in reasons[name]
    assert not Fact.objects.filter(source=schema.department).exists()


def test_who_dies_on_the_day_of_birth_is_believed(cast: Cast) -> None:
    number(cast.mother, MOTHER)
    [deaths] = [one for one in PERSONAL if one.code == "gongan_deaths"]
    assert deliver(deaths.code, [row_of(deaths, died_on="1942-05-06")]).refused == 0
