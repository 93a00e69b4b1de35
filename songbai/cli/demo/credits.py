"""The monthly credit for whole arrays: who gets it, and how orders spend it.

Decides with the policy itself; spends as ``orders.rules.split_price`` does one by one (a test
compares them).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import ibis
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from songbai.cli.demo.batch import ElderBatch, HardshipClass, LivingSituation, codes_of
from songbai.cli.demo.geography import TONGLIANG
from songbai.cli.demo.history import Orders, instant
from songbai.cli.demo.identity import IntArray, StrArray
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


def granted_at(month: str) -> np.datetime64:
    """When the credits of a month are given: in its first hour."""
    return instant(np.datetime64(month, "D"), 10)


def months_between(first: date, last: date) -> list[str]:
    """All civil months from one day to another, ``YYYY-MM``."""
    months = np.arange(np.datetime64(first, "M"), np.datetime64(last, "M") + 1)
    return [str(month) for month in months]


def spend(orders: Orders, price: Iterable[int], given: Mapping[tuple[int, str], int]) -> IntArray:
    """Fen of credit each order takes; shape (n,).

    ``orders`` are in the order they were placed; ``given`` holds what an elder (row) got in a
    month. What a cancelled order had taken can be spent again from then on.
    """
    left = dict(given)
    back: list[tuple[int, tuple[int, str], int]] = []
    taken = np.zeros(len(orders), dtype=np.int64)
    open_from = {month: _seconds(granted_at(month)) for month in {key[1] for key in given}}
    called_off = np.where(np.isnat(orders.cancelled), -1, orders.cancelled.astype(np.int64))
    rows = zip(
        orders.elder.tolist(),
        orders.month.tolist(),
        orders.placed.astype(np.int64).tolist(),
        price,
        called_off.tolist(),
        strict=True,
    )
    for row, (elder, month, placed, total, ended) in enumerate(rows):
        while back and back[0][0] <= placed:
            _, key, amount = heapq.heappop(back)
            left[key] += amount
        key = (elder, month)
        if key not in left or placed < open_from[month]:
            continue
        share = min(total, left[key])
        left[key] -= share
        taken[row] = share
        if ended >= 0 and share:
            heapq.heappush(back, (ended, key, share))
    return taken


def _seconds(at: np.datetime64) -> int:
    return int(at.astype(np.int64))
