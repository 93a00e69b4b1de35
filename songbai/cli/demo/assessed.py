"""Past assessments of the demo city: bodies, assessors, forms that give each elder's level.

Forms are made first, each scored by the rules that score everybody's; whoever was assessed has one
of those that came to her level. Everybody with a reduced ability was assessed, and some who were
found able; in other districts than the first one in twenty of them.
"""

import json
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import cache
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np

from songbai.cli.demo import identity
from songbai.cli.demo.district import Days, District
from songbai.cli.demo.geography import TONGLIANG
from songbai.cli.demo.identity import IntArray
from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.assessments.actions import register_assessor, register_body
from songbai.domain.assessments.models import Assessment, Assessor, AssessorAnswers, Body
from songbai.domain.assessments.rules.answers import encode
from songbai.domain.assessments.rules.due import due, valid_until
from songbai.domain.assessments.rules.instrument import Instrument, load
from songbai.domain.assessments.rules.parts import SumScoring
from songbai.domain.assessments.rules.process import Channel, State
from songbai.domain.assessments.rules.scoring import Result, score

INSTRUMENT = "gbt42195-2022"
BODIES = (
    ("铜柏能力评估中心", 400, 9),
    ("巴岳健康评估所", 300, 7),
    ("青禾照护评估中心", 240, 6),
    ("安松老年评估服务部", 160, 5),
)
ABLE = 0.3
"""Share of those found able among elders of ability 0 who are 70 or older."""
ELSEWHERE = 20
STRICT = 3
"""The body that finds people more severe than its peers do."""
FORMS = 250
"""So many forms come to each level."""
#: Items that are lost first; consciousness is lost when all else is.
HARD = ("B.1.3", "B.2.3", "B.2.4", "B.3.4", "B.4.1", "B.4.2", "B.4.3", "B.4.4")
AWAKE = "B.3.9"
BY_RISK, BY_DEMENTIA = 0.06, 0.05
"""Shares of results that a change rule raised by one level."""
DIFFER = 0.18
"""Of assessments: the two assessors differed by one step in one item before they conferred."""


Moments = np.ndarray[tuple[int], np.dtype[np.datetime64]]


class Sheet(NamedTuple):
    """What one assessor found: the answers as JSON, their total and level."""

    answers: str
    total: int
    level: int


@dataclass(frozen=True, slots=True)
class Form:
    """What was agreed, as the table has it, and the sheets of both assessors."""

    choices: str
    background: str
    result: Result
    sheets: list[Sheet]


@cache
def forms(seed: int) -> tuple[tuple[Form, ...], ...]:
    """Forms by the level they come to."""
    draw, instrument = Random(f"{seed}/forms"), load(INSTRUMENT)  # no secret
    return tuple(tuple(_form(draw, instrument, level) for _ in range(FORMS)) for level in range(5))


def _form(draw: Random, instrument: Instrument, level: int) -> Form:
    kind = draw.random()
    raised = level > 1 and kind < BY_RISK + BY_DEMENTIA
    dementia = raised and kind < BY_DEMENTIA
    falls = 2 if raised and not dementia else int(draw.random() < 0.15)
    ill = "F00" if dementia else "I10"
    background = {"A.2.14": {"跌倒": falls}, "A.4.1": [ill], "A.5.11": False}
    points = _points(draw, instrument, level - raised)
    other = dict(points)
    if draw.random() < DIFFER:
        code = draw.choice([code for code in points if code != AWAKE])
        other[code] += 1 if points[code] < max(instrument.items[code].points) else -1
    kept = encode(instrument, points | background)
    both = [one | background for one in (points, other)]
    results = [score(instrument, answers) for answers in both]
    return Form(
        "{" + ",".join(map(str, kept.choices)) + "}",
        _json(kept.background),
        results[0],
        [Sheet(_json(a), r.total, r.final_level) for a, r in zip(both, results, strict=True)],
    )


def _points(draw: Random, instrument: Instrument, level: int) -> dict[str, int]:
    """Points by item that come to a level; milder totals are more common within its band."""
    scoring, items = instrument.scoring, instrument.items
    assert isinstance(scoring, SumScoring)  # noqa: S101  # for the type checker
    band = next(band for band in scoring.bands if band.level == level)
    total = band.low + int((band.high - band.low + 1) * draw.betavariate(2.2, 1.4))
    most = {code: max(item.points) for code, item in items.items()}
    soonest = {code: 0.0 if code in HARD else 2.0 if code == AWAKE else 0.5 for code in most}
    one_by_one = [code for code in most for _ in range(most[code])]
    one_by_one.sort(key=lambda code: soonest[code] + draw.random())
    lost = Counter(one_by_one[: sum(most.values()) - total])
    return {code: most[code] - lost[code] for code in most}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def write(district: District) -> int:
    """Past assessments of a district, each with the sheets of its two assessors."""
    rng, load_, batch = district.rng(31), district.load, district.batch
    rows = _assessed(rng, district)
    level, number = batch.ability[rows].tolist(), rng.integers(FORMS, size=len(rows)).tolist()
    by_level = forms(district.plan.seed)
    filled = [by_level[one][n] for one, n in zip(level, number, strict=True)]
    place = _bodies(rng, batch.ability[rows])
    started = _moments(rng, district, len(rows))
    minutes = np.clip(rng.normal(42, 11, len(rows)), 18, 110).astype(np.int64)
    shared = {
        "elder_id": district.elder_ids[rows],
        "region_id": batch.village_code[rows],
        "body_id": district.bodies[place],
        "started_at": started,
    }
    concluded = np.minimum(
        started + np.timedelta64(2 * 86_400 + 3_600, "s"),
        np.datetime64(int(district.plan.now.timestamp()), "s"),
    )
    days = (concluded + np.timedelta64(8, "h")).astype("M8[D]")
    district.assessed_on = np.full(len(batch), "NaT", dtype="M8[D]")
    district.assessed_on[rows] = days
    ids = load_.take(Assessment, len(rows))
    load_.write(
        Assessment,
        {
            **shared,
            **_columns(district, filled, ids, days),
            "requested_at": started - np.timedelta64(9 * 86_400, "s"),
            "assigned_at": started - np.timedelta64(8 * 86_400, "s"),
            "done_at": started + minutes * np.timedelta64(60, "s"),
            "concluded_at": concluded,
        },
    )
    for turn, going in enumerate(_pairs(rng, _staff(district), place)):
        sheets = [form.sheets[turn] for form in filled]
        load_.write(
            AssessorAnswers,
            {
                **shared,
                "id": load_.take(AssessorAnswers, len(rows)),
                "assessment_id": ids,
                "assessor_id": [one.pk for one in going],
                "name": [one.name for one in going],
                "answers": [sheet.answers for sheet in sheets],
                "questions": [()] * len(rows),
                "finished_at": started + (minutes + 3 * turn) * np.timedelta64(60, "s"),
                "total": [sheet.total for sheet in sheets],
                "level": [sheet.level for sheet in sheets],
            },
        )
    return len(rows)


def _assessed(rng: np.random.Generator, district: District) -> IntArray:
    """Who was assessed (rows)."""
    batch = district.batch
    able = (batch.ability == 0) & (batch.age >= 70) & (rng.random(len(batch)) < ABLE)
    chosen = (batch.ability > 0) | able
    if district.code != TONGLIANG:
        chosen &= rng.integers(ELSEWHERE, size=len(batch)) == 0
    rows = np.flatnonzero(chosen)
    return np.union1d(rows, district.named.rows()) if district.named else rows


def _bodies(rng: np.random.Generator, level: np.ndarray[Any, np.dtype[np.int8]]) -> IntArray:
    """Bodies by size; severe people are found more often by one of them than by its peers."""
    share = np.array([capacity for _, capacity, _ in BODIES], dtype=float)
    weights = np.tile(share, (len(level), 1))
    weights[level >= 2, STRICT] *= 1.25
    edges = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
    chosen: IntArray = (rng.random((len(level), 1)) > edges).sum(axis=1)
    return chosen


def _moments(rng: np.random.Generator, district: District, count: int) -> Moments:
    """Beginnings on days of the last 25 months, from half past eight to half past four."""
    today = np.datetime64(district.plan.today, "D")
    days = today - rng.integers(3, 760, size=count)
    minutes = rng.integers(0, 97, size=count) * 5 + 30  # UTC: half past midnight is 8:30 here
    return (days.astype("M8[s]") + minutes * np.timedelta64(60, "s")).astype("M8[s]")


def _columns(
    district: District, filled: list[Form], ids: IntArray, concluded: Days
) -> dict[str, Any]:
    """What an assessment's row says of its result and of how long that holds."""
    instrument, today, draw = load(INSTRUMENT), district.plan.today, district.random(31)
    process, days, results = instrument.process, concluded.tolist(), [one.result for one in filled]
    until = {day: valid_until(process, day) for day in set(days)}
    again = {day: due(process, day, until[day], ()) for day in until}
    appeal = [day + timedelta(days=process.appeal_days) for day in days]
    return {
        "id": ids,
        "number": [f"P{day:%y%m%d}{n % 1_000_000:06d}" for day, n in zip(days, ids, strict=True)],
        "key": [UUID(int=draw.getrandbits(128), version=4) for _ in filled],
        "instrument": instrument.code,
        "standard_code": instrument.standard,
        "standard_version": instrument.version,
        "state": [State.FINAL if last < today else State.NOTICED for last in appeal],
        "channel": Channel.VILLAGE.value,
        "requested_by": "村（社区）",
        "choices": [form.choices for form in filled],
        "background": [form.background for form in filled],
        "scores": [_json(one.scores) for one in results],
        "total": [one.total for one in results],
        "initial_level": [one.initial_level for one in results],
        "changes": [_json([asdict(change) for change in one.changes]) for one in results],
        "final_level": [one.final_level for one in results],
        "verified": [one.verified for one in results],
        "review_drawn": False,
        "valid_from": days,
        "valid_until": [until[day] for day in days],
        "appeal_until": appeal,
        "final_at": [
            clock.at(last + timedelta(days=1), 0, 20) if last < today else None for last in appeal
        ],
        "current": True,
        "due_on": [one.day if (one := again[day]) else None for day in days],
        "due_why": [one.why.name.lower() if (one := again[day]) else "" for day in days],
    }


def register(district: District) -> None:
    """Designate the bodies of a district."""
    with clock.moved_to(district.plan.now - timedelta(days=1_100)):
        district.bodies = np.array([_designate(district, place) for place in range(len(BODIES))])


def _designate(district: District, place: int) -> int:
    name, capacity, _ = BODIES[place]
    body = register_body(
        SYSTEM,
        region=district.code,
        name=name if district.code == TONGLIANG else f"{district.code[4:6]}号{name}",
        uscc=identity.uscc(800_000 + district.block * 10 + place),
        instruments=[INSTRUMENT, "ltci-2021"],
        capacity=capacity,
        phone=f"023-0000{place:04d}",
    )
    return int(body.pk)


def _staff(district: District) -> list[list[Assessor]]:
    """The assessors of each body, every other one of them medical."""
    rng, plan = district.rng(33), district.plan
    bodies = Body.objects.filter(pk__in=district.bodies.tolist()).order_by("pk")
    return [
        [
            register_assessor(
                SYSTEM,
                body,
                number=f"A{district.code[2:6]}{body.pk % 1000:03d}{n:02d}",
                name=str(name),
                medical=n % 2 == 0,
                certificate=f"老年人能力评估师（{('初级', '中级', '高级')[n % 3]}）",
                certificate_until=plan.today + timedelta(days=int(rng.integers(-10, 1400))),
            )
            for n, name in enumerate(identity.names(rng, rng.random(count) < 0.7))
        ]
        for body, (_, _, count) in zip(bodies, BODIES, strict=True)
    ]


def _pairs(
    rng: np.random.Generator, staff: list[list[Assessor]], body: IntArray
) -> tuple[list[Assessor], list[Assessor]]:
    """Two different assessors of the body for each assessment, the first a medical one."""
    size = np.array([len(people) for people in staff])[body]
    first = rng.integers((size + 1) // 2) * 2
    other = (first + rng.integers(1, size)) % size
    chosen = [
        (staff[of][one], staff[of][two])
        for of, one, two in zip(body.tolist(), first.tolist(), other.tolist(), strict=True)
    ]
    return [one for one, _ in chosen], [two for _, two in chosen]
