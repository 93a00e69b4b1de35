"""Proof of past visits: where, when, with which code, which steps, and what is doubtful."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from songbai.cli.demo.calendar import distance_km
from songbai.cli.demo.geography import METRES_PER_DEGREE, BoolArray, FloatArray
from songbai.cli.demo.history import FAR_SHARE, NO_CODE_SHARE, NO_POSITION_SHARE, OFFLINE_SHARE
from songbai.cli.demo.identity import DateArray, IntArray
from songbai.domain.catalogue.rules import Item
from songbai.domain.visits.rules import (
    LATE,
    LATE_RECORD,
    NEAR_DESTINATION_METRES,
    NEAR_METRES,
    SHORTEST_SHARE,
    Doubt,
)

REASONS = {
    Doubt.FAR: "小区里信号不好，定位飘了",
    Doubt.NO_POSITION: "手机没有开定位权限",
    Doubt.NO_CODE: "门上的码磨花了，已报机构补码",
    Doubt.NOT_THERE: "门诊在另一个院区，送到那里了",
    Doubt.SHORT: "老人临时要出门，提前结束",
    Doubt.STEPS: "老人今天不愿意做这一步",
}
#: What a caregiver writes down for a measure; others get a plain word.
VALUES = {
    "水温℃": ("39", "40", "38.5"),
    "血压mmHg": ("128/76", "136/82", "142/85", "118/70"),
    "体温℃": ("36.4", "36.5", "36.7"),
    "体温℃、血压mmHg": ("36.5，130/78", "36.6，138/84"),
    "次/分": ("72", "68", "80"),
    "饭菜℃": ("62", "65"),
    "血糖mmol/L": ("6.1", "7.4", "5.8"),
    "大小cm": ("2×1.5", "1×1"),
    "量ml": ("200", "250"),
    "颜色和量ml": ("淡黄，300", "清亮，260"),
    "管数": ("2", "3"),
    "次数": ("1", "2"),
    "金额元": ("36.5", "82"),
    "厘米": ("72", "68"),
}
PLAIN = "正常"


@dataclass(frozen=True, slots=True)
class Scans:
    """One end of a visit, as columns: what the phone sent."""

    at: DateArray
    received: DateArray
    lon: FloatArray
    lat: FloatArray
    metres: IntArray
    """−1 where there was no position."""
    scanned: BoolArray
    by_place: BoolArray
    """Whether it was at a destination, where no code hangs."""


def scan(
    rng: np.random.Generator,
    at: DateArray,
    place: tuple[FloatArray, FloatArray],
    now: np.datetime64,
    by_place: BoolArray,
) -> Scans:
    """What phones send at the doors of these homes or destinations: near it, but for a few."""
    lon, lat = place
    count = len(at)
    far = np.where(rng.random(count) < FAR_SHARE, rng.uniform(260, 900, count), 0)
    radius = np.maximum(rng.exponential(16, count).clip(2, 90), far)
    angle = rng.random(count) * 2 * np.pi
    seen_lat = lat + radius * np.sin(angle) / METRES_PER_DEGREE
    seen_lon = lon + radius * np.cos(angle) / (METRES_PER_DEGREE * np.cos(np.radians(lat)))
    metres = np.round(distance_km(lon, lat, seen_lon, seen_lat) * 1000).astype(np.int64)
    metres[rng.random(count) < NO_POSITION_SHARE] = -1
    wait = rng.integers(1, 5, count)
    offline = rng.random(count) < OFFLINE_SHARE
    wait[offline] = rng.integers(12 * 60, 90 * 60, int(offline.sum()))
    received = np.minimum(at + wait.astype("m8[s]"), np.maximum(now, at))
    scanned = (rng.random(count) >= NO_CODE_SHARE) & ~by_place
    return Scans(at, received, seen_lon, seen_lat, metres, scanned, by_place)


def doubts_of(came: Scans, left: Scans, starts: DateArray, minutes: IntArray) -> list[list[Doubt]]:
    """The doubts of each visit, as in ``visits.rules``; a visit that goes on has left at NaT."""
    gone = ~np.isnat(left.at)
    stayed = (np.where(gone, left.at, came.at) - came.at).astype(np.int64) // 60
    away = gone & left.by_place
    found: dict[Doubt, BoolArray] = {
        Doubt.FAR: (came.metres > NEAR_METRES) | (gone & ~away & (left.metres > NEAR_METRES)),
        Doubt.NOT_THERE: away & (left.metres > NEAR_DESTINATION_METRES),
        Doubt.NO_POSITION: (came.metres < 0) | (gone & (left.metres < 0)),
        Doubt.NO_CODE: ~came.scanned | (gone & ~away & ~left.scanned),
        Doubt.LATE: came.at - starts > np.timedelta64(LATE),
        Doubt.LATE_RECORD: (came.received - came.at > np.timedelta64(LATE_RECORD))
        | (gone & (left.received - left.at > np.timedelta64(LATE_RECORD))),
        Doubt.SHORT: gone & (stayed < minutes * SHORTEST_SHARE),
    }
    rows: list[list[Doubt]] = [[] for _ in range(len(starts))]
    for doubt in sorted(found):
        for row in np.flatnonzero(found[doubt]).tolist():
            rows[row].append(doubt)
    return rows


def reason_at(end: Scans, row: int, short: bool = False) -> str:
    """What the caregiver had to write to be let on."""
    metres = int(end.metres[row])
    if metres < 0:
        return REASONS[Doubt.NO_POSITION]
    away = bool(end.by_place[row])
    if away and metres > NEAR_DESTINATION_METRES:
        return REASONS[Doubt.NOT_THERE]
    if not away and metres > NEAR_METRES:
        return REASONS[Doubt.FAR]
    if not away and not end.scanned[row]:
        return REASONS[Doubt.NO_CODE]
    return REASONS[Doubt.SHORT] if short else ""


def steps_of(item: Item) -> list[tuple[str, str, tuple[str, ...]]]:
    """Code, name and possible values of the steps of an item."""
    return [
        (
            f"{item.code}.{step.code}",
            step.name,
            VALUES.get(step.measure, (PLAIN,)) if step.measure else ("",),
        )
        for step in item.steps
    ]


def step_columns(
    rng: np.random.Generator,
    visit: IntArray,
    item: list[Item],
    came: DateArray,
    left: DateArray,
    now: np.datetime64,
) -> dict[str, list[Any]]:
    """Steps done in these visits: ``row`` of the visit given, code, name, value, moment.

    In a visit that goes on the steps so far are done.
    """
    known = {one.code: steps_of(one) for one in item}
    columns: dict[str, list[Any]] = {n: [] for n in ("row", "visit_id", "code", "name", "value")}
    at: list[int] = []
    draws = rng.random(len(visit) * 8)
    ends = np.where(np.isnat(left), came + np.timedelta64(1800, "s"), left)
    begin, end = came.astype(np.int64).tolist(), ends.astype(np.int64).tolist()
    limit = int(now.astype(np.int64))
    for row, number in enumerate(visit.tolist()):
        steps = known[item[row].code]
        for place, (code, name, values) in enumerate(steps):
            moment = begin[row] + (end[row] - begin[row]) * (place + 1) // (len(steps) + 1)
            if moment > limit:
                break
            value = values[int(draws[(row * 8 + place) % len(draws)] * len(values))]
            for column, entry in zip(
                columns.values(), (row, number, code, name, value), strict=True
            ):
                column.append(entry)
            at.append(moment)
    return {**columns, "at": [np.datetime64(second, "s") for second in at]}
