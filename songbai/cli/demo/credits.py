"""The monthly credit for whole arrays: who gets it, and how orders spend it.

Says the same as ``benefits.rules.credit_group`` and ``orders.rules.split_price`` one by one; a test
compares them.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np

from songbai.cli.demo.batch import ElderBatch, HardshipClass, LivingSituation, codes_of
from songbai.cli.demo.history import Orders, instant
from songbai.cli.demo.identity import DateArray, IntArray
from songbai.domain.benefits.rules import CreditPolicy
from songbai.domain.orders.rules import split_price


def ages_on(birth: DateArray, day: date) -> IntArray:
    """Completed years of age on a day, as ``elders.rules.age_on``."""
    born = birth.astype("M8[D]")
    months = born.astype("M8[M]").astype(np.int64)
    of_month = (born - born.astype("M8[M]")).astype(np.int64) + 1
    later = (months % 12 + 1) * 100 + of_month > day.month * 100 + day.day
    years: IntArray = day.year - (months // 12 + 1970) - later
    return years


def groups_of(policy: CreditPolicy, batch: ElderBatch, month_first: date) -> IntArray:
    """Index of the first group that covers each elder on that day, −1 for none."""
    found = np.full(len(batch), -1)
    if not batch.district.startswith(policy.region):
        return found
    age = ages_on(batch.birth_date, month_first)
    hardship = codes_of(HardshipClass, batch.hardship)
    living = codes_of(LivingSituation, batch.living)
    for index, group in reversed(list(enumerate(policy.groups))):
        covered = age >= group.min_age
        if group.hardship:
            covered &= np.isin(hardship, list(group.hardship))
        if group.living:
            covered &= np.isin(living, list(group.living))
        found[covered] = index
    return found


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
        share = split_price(total, left[key]).credit
        left[key] -= share
        taken[row] = share
        if ended >= 0 and share:
            heapq.heappush(back, (ended, key, share))
    return taken


def _seconds(at: np.datetime64) -> int:
    return int(at.astype(np.int64))
