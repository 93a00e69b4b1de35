"""The monthly credit of everybody, decided with the policy itself."""

from dataclasses import dataclass
from datetime import date, datetime

import ibis
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from songbai.cli.demo.batch import ElderBatch, HardshipClass, LivingSituation, codes_of
from songbai.cli.demo.geography import TONGLIANG
from songbai.cli.demo.identity import IntArray, StrArray
from songbai.core import clock
from songbai.domain.benefits.population import column, decide_population, layered
from songbai.domain.benefits.rules import Month, Policy, spending_policy
from songbai.domain.benefits.rules.policy import Channel
from songbai.domain.benefits.rules.vocabulary import vocabulary


@dataclass(frozen=True)
class Credits:
    """Who gets the credit of a month: fen (0 for none) and the label of the group, shape (n,)."""

    policy: Policy
    amount: IntArray
    group: StrArray


def credits_of(batch: ElderBatch, month: str) -> Credits:
    """The credit of each elder in a month, decided by the policy that holds then."""
    policy, held = spending_policy(Channel.CREDIT, month, TONGLIANG), Month.parse(month)
    nobody = np.array([""] * len(batch))
    if not batch.district.startswith(policy.regions):
        return Credits(policy, np.zeros(len(batch), dtype=np.int64), nobody)
    facts = {
        "birth_date": batch.birth_date.astype("M8[D]"),
        "residence_on_first_day": batch.village_code.astype(np.int64),
        "hardship_on_first_day": _numbers("hardship", codes_of(HardshipClass, batch.hardship)),
        "living_on_first_day": _numbers("living", codes_of(LivingSituation, batch.living)),
    }
    columns = {"person": np.arange(len(batch)), **facts}
    arrays = {name: pa.array(values) for name, values in columns.items()}
    arrays["death"] = pa.nulls(len(batch), pa.date32())
    decided = decide_population(ibis.memtable(pa.table(arrays)), [policy], held, rows=True)
    engine = ibis.duckdb.connect()
    with layered():
        found = engine.to_pyarrow(decided.order_by("person"))
    engine.disconnect()
    amount: IntArray = found[column(policy, "amount")].to_numpy().astype(np.int64)
    labels = np.array([*(row.label for row in policy.amounts[0].rows), ""])
    taken = found[column(policy, "row")].fill_null(-1).to_numpy()
    return Credits(policy, amount, np.where(amount > 0, labels[taken], ""))


def _numbers(fact: str, codes: StrArray) -> NDArray[np.int8]:
    """Codes as the numbers a snapshot holds."""
    known = vocabulary("elder")[fact].codes
    values, places = np.unique(codes, return_inverse=True)
    return np.array([known[str(code)] for code in values], dtype=np.int8)[places]


def granted_at(month: str) -> datetime:
    """When the credits of a month are given: in its first hour."""
    return clock.at(clock.month_bounds(month)[0], 0, 10)


def months_between(first: date, last: date) -> list[str]:
    """All civil months from one day to another, ``YYYY-MM``."""
    months = np.arange(np.datetime64(first, "M"), np.datetime64(last, "M") + 1)
    return [str(month) for month in months]
