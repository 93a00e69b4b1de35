"""Past assessments of the demo city: bodies, assessors, answers that give each elder's level.

Pure arrays first (``draw``), rows after (``write``). Everybody with a reduced ability was assessed,
and some who were found able; in other districts than the first one in twenty of them.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import numpy as np

from songbai.cli.demo import identity
from songbai.cli.demo.district import Days, District
from songbai.cli.demo.geography import TONGLIANG
from songbai.cli.demo.identity import IntArray, StrArray
from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.assessments.actions import register_assessor, register_body
from songbai.domain.assessments.models import Assessment, AssessorAnswers, Body
from songbai.domain.assessments.rules.due import months_later
from songbai.domain.assessments.rules.instrument import Instrument, load
from songbai.domain.assessments.rules.parts import SumScoring
from songbai.domain.assessments.rules.process import Channel, State

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
#: Items that are lost first; the others follow.
HARD = ("B.1.3", "B.2.3", "B.2.4", "B.3.4", "B.4.1", "B.4.2", "B.4.3", "B.4.4")
BY_RISK, BY_DEMENTIA = 0.06, 0.05
"""Shares of results that a change rule raised by one level."""
DIFFER = 0.18
"""Of assessments: the two assessors differed by one step in one item before they conferred."""


Moments = np.ndarray[tuple[int], np.dtype[np.datetime64]]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Past assessments as columns of length n."""

    elder: IntArray
    """Row of the elder in the batch."""
    choices: IntArray
    """Shape (n, items): place of the chosen option."""
    initial: IntArray
    final: IntArray
    falls: IntArray
    dementia: np.ndarray[tuple[int], np.dtype[np.bool_]]
    body: IntArray
    started: Moments
    minutes: IntArray
    differs: IntArray
    """Item in which the second assessor differed, −1 for none."""

    def __len__(self) -> int:
        return len(self.elder)


def draw(district: District) -> Drawn:
    """Who was assessed when, by whom, with which answers."""
    rng, batch = district.rng(31), district.batch
    instrument = load("gbt42195-2022")
    able = (batch.ability == 0) & (batch.age >= 70) & (rng.random(len(batch)) < ABLE)
    chosen = (batch.ability > 0) | able
    if district.code != TONGLIANG:
        chosen &= rng.integers(ELSEWHERE, size=len(batch)) == 0
    rows = np.flatnonzero(chosen)
    if district.named:
        rows = np.union1d(rows, district.named.rows())
    final = batch.ability[rows].astype(np.int64)
    kind = rng.random(len(rows))
    raised = (final > 1) & (kind < BY_RISK + BY_DEMENTIA)
    dementia = raised & (kind < BY_DEMENTIA)
    initial = final - raised
    falls = np.where(raised & ~dementia, 2, (rng.random(len(rows)) < 0.15).astype(np.int64))
    lost = 90 - _totals(rng, instrument, initial)
    return Drawn(
        elder=rows,
        choices=spread(rng, instrument, lost),
        initial=initial,
        final=final,
        falls=falls,
        dementia=dementia,
        body=_bodies(rng, final),
        started=_moments(rng, district, len(rows)),
        minutes=np.clip(rng.normal(42, 11, len(rows)), 18, 110).astype(np.int64),
        differs=np.where(rng.random(len(rows)) < DIFFER, rng.integers(20, size=len(rows)), -1),
    )


def _totals(rng: np.random.Generator, instrument: Instrument, level: IntArray) -> IntArray:
    """A total in the band of each level; milder ones are more common within a band."""
    scoring = instrument.scoring
    assert isinstance(scoring, SumScoring)  # noqa: S101  # for the type checker
    low = np.array([band.low for band in scoring.bands])[level]
    high = np.array([band.high for band in scoring.bands])[level]
    inside = np.floor((high - low + 1) * rng.beta(2.2, 1.4, len(level))).astype(np.int64)
    totals: IntArray = np.minimum(low + inside, high)
    return totals


def spread(rng: np.random.Generator, instrument: Instrument, lost: IntArray) -> IntArray:
    """Points lost, spread over the items within what each can lose; shape (n, items).

    In GB/T 42195 every next option is one point less, so points lost are the option's place.
    """
    items = list(instrument.items.values())
    most = np.array([max(item.points) for item in items])
    hard = np.isin([item.code for item in items], HARD)
    awake = np.array([item.code == "B.3.9" for item in items])
    first, rest = np.where(hard, most, 0), np.where(hard | awake, 0, most)
    found = np.zeros((len(lost), len(items)), dtype=np.int64)
    for points in np.unique(lost).tolist():
        who = np.flatnonzero(lost == points)
        begin = max(min(int(first.sum()), round(points * 0.5)), points - int(rest.sum()))
        begin = min(begin, int(first.sum()))
        easy = min(points - begin, int(rest.sum()))
        found[who] = rng.multivariate_hypergeometric(first, begin, len(who))
        found[who] += rng.multivariate_hypergeometric(rest, easy, len(who))
        found[np.ix_(who, np.flatnonzero(awake))] += points - begin - easy
    return found


def _bodies(rng: np.random.Generator, final: IntArray) -> IntArray:
    """Bodies by size; severe people are found more often by one of them than by its peers."""
    share = np.array([capacity for _, capacity, _ in BODIES], dtype=float)
    weights = np.tile(share, (len(final), 1))
    weights[final >= 2, STRICT] *= 1.25
    edges = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
    chosen: IntArray = (rng.random((len(final), 1)) > edges).sum(axis=1)
    return chosen


def _moments(rng: np.random.Generator, district: District, count: int) -> Moments:
    """Beginnings on days of the last 25 months, from half past eight to half past four."""
    today = np.datetime64(district.plan.today, "D")
    days = today - rng.integers(3, 760, size=count)
    minutes = rng.integers(0, 97, size=count) * 5 + 30  # UTC: half past midnight is 8:30 here
    return (days.astype("M8[s]") + minutes * np.timedelta64(60, "s")).astype("M8[s]")


def write(district: District) -> int:
    """Bodies, assessors and past assessments of a district as rows."""
    found, instrument = draw(district), load("gbt42195-2022")
    bodies, staff, names = district.bodies, *_staff(district)
    rng = district.rng(32)
    pairs = _pairs(rng, staff, found.body)
    ids = district.load.take(Assessment, len(found))
    district.assessed_on = np.full(len(district.batch), "NaT", dtype="M8[D]")
    district.assessed_on[found.elder] = _days(_concluded(district, found))
    district.load.write(Assessment, _assessments(district, found, instrument, bodies, ids))
    for place in (0, 1):
        columns = _sheets(district, found, instrument, place)
        who = pairs[:, place]
        columns |= {"assessor_id": who, "name": [names[pk] for pk in who.tolist()]}
        columns |= {"assessment_id": ids, "body_id": bodies[found.body]}
        district.load.write(AssessorAnswers, columns)
    return len(found)


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
        instruments=["gbt42195-2022", "ltci-2021"],
        capacity=capacity,
        phone=f"023-0000{place:04d}",
    )
    return int(body.pk)


def _staff(district: District) -> tuple[list[IntArray], dict[int, str]]:
    """Numbers of the assessors of each body, and all of them by name."""
    rng, plan = district.rng(33), district.plan
    staff: list[IntArray] = []
    called: dict[int, str] = {}
    bodies = Body.objects.filter(pk__in=district.bodies.tolist()).order_by("pk")
    for body, (_, _, count) in zip(bodies, BODIES, strict=True):
        women = rng.random(count) < 0.7
        names: StrArray = identity.names(rng, women)
        people = [
            register_assessor(
                SYSTEM,
                body,
                number=f"A{district.code[2:6]}{body.pk % 1000:03d}{n:02d}",
                name=str(names[n]),
                medical=n % 2 == 0,
                certificate=f"老年人能力评估师（{('初级', '中级', '高级')[n % 3]}）",
                certificate_until=plan.today + timedelta(days=int(rng.integers(-10, 1400))),
            )
            for n in range(count)
        ]
        staff.append(np.array([one.pk for one in people]))
        called |= {int(one.pk): one.name for one in people}
    return staff, called


def _pairs(rng: np.random.Generator, staff: list[IntArray], body: IntArray) -> IntArray:
    """Two different assessors of the body for each assessment, the first a medical one."""
    found = np.zeros((len(body), 2), dtype=np.int64)
    for place, people in enumerate(staff):
        who = np.flatnonzero(body == place)
        first = rng.integers((len(people) + 1) // 2, size=len(who)) * 2
        other = (first + rng.integers(1, len(people), size=len(who))) % len(people)
        found[who, 0], found[who, 1] = people[first], people[other]
    return found


def _assessments(
    district: District, found: Drawn, instrument: Instrument, bodies: IntArray, ids: IntArray
) -> dict[str, object]:
    batch, plan, process = district.batch, district.plan, instrument.process
    draw = district.random(31)
    concluded = _concluded(district, found)
    days = _days(concluded).tolist()
    until = [months_later(day, process.valid_months) - timedelta(days=1) for day in days]
    appeal = [day + timedelta(days=process.appeal_days) for day in days]
    over = np.array([last < plan.today for last in appeal])
    requested = found.started - np.timedelta64(9 * 86_400, "s")
    done = found.started + found.minutes * np.timedelta64(60, "s")
    points = _points(instrument, found.choices)
    return {
        "id": ids,
        "number": [f"P{day:%y%m%d}{n % 1_000_000:06d}" for day, n in zip(days, ids, strict=True)],
        "key": [UUID(int=draw.getrandbits(128), version=4) for _ in range(len(found))],
        "elder_id": district.elder_ids[found.elder],
        "region_id": batch.village_code[found.elder],
        "instrument": instrument.code,
        "standard_code": instrument.standard,
        "standard_version": instrument.version,
        "state": np.where(over, State.FINAL.value, State.NOTICED.value),
        "channel": Channel.VILLAGE.value,
        "requested_by": "村（社区）",
        "requested_at": requested,
        "body_id": bodies[found.body],
        "assigned_at": requested + np.timedelta64(86_400, "s"),
        "started_at": found.started,
        "done_at": done,
        "choices": ["{" + ",".join(map(str, row)) + "}" for row in found.choices.tolist()],
        "background": _backgrounds(found),
        "scores": _scores(instrument, points),
        "total": points.sum(axis=1),
        "initial_level": found.initial,
        "changes": _changes(found),
        "final_level": found.final,
        "verified": True,
        "review_drawn": False,
        "concluded_at": concluded,
        "valid_from": [str(day) for day in days],
        "valid_until": [str(day) for day in until],
        "appeal_until": [str(day) for day in appeal],
        "final_at": [
            f"{last + timedelta(days=1)} 00:20:00+08" if gone else None
            for last, gone in zip(appeal, over.tolist(), strict=True)
        ],
        "current": True,
        "due_on": [str(day - timedelta(days=process.due_days_before)) for day in until],
        "due_why": "expires",
    }


def _concluded(district: District, found: Drawn) -> Moments:
    """When each came to its result, in UTC seconds."""
    concluded = found.started + np.timedelta64(2 * 86_400 + 3_600, "s")
    return np.minimum(concluded, np.datetime64(int(district.plan.now.timestamp()), "s"))


def _days(moments: Moments) -> Days:
    return (moments + np.timedelta64(8, "h")).astype("M8[D]")


def _points(instrument: Instrument, choices: IntArray) -> IntArray:
    best = np.array([max(item.points) for item in instrument.items.values()])
    return np.maximum(best - choices, 0)


def _scores(instrument: Instrument, points: IntArray) -> list[str]:
    codes = list(instrument.items)
    sums = [
        points[:, [codes.index(item.code) for item in section.items]].sum(axis=1)
        for section in instrument.sections
    ]
    form = "{" + ", ".join(f'"{section.code}": %d' for section in instrument.sections) + "}"
    return [form % row for row in zip(*(column.tolist() for column in sums), strict=True)]


def _backgrounds(found: Drawn) -> list[str]:
    return [
        f'{{"A.2.14": {{"跌倒": {falls}}}, "A.4.1": [{codes}], "A.5.11": false}}'
        for falls, codes in zip(
            found.falls.tolist(),
            np.where(found.dementia, '"F00"', '"I10"').tolist(),
            strict=True,
        )
    ]


def _changes(found: Drawn) -> list[str]:
    """What raised a level, in the words of the instrument's own rules."""
    changes = load("gbt42195-2022").changes
    rules = {rule.code: rule for rule in changes.rules} if changes else {}

    def told(code: str, evidence: str, before: int) -> str:
        rule = rules[code]
        reason = rule.reason.replace("{found}", evidence)
        row = {"rule": code, "name": rule.name, "reason": reason}
        return json.dumps([{**row, "before": before, "after": before + 1}], ensure_ascii=False)

    dementia = [told("dementia", "F00", level) for level in range(4)]
    risky = [told("risk_events", "2", level) for level in range(4)]
    raised = (found.final > found.initial).tolist()
    rows = zip(raised, found.dementia.tolist(), found.initial.tolist(), strict=True)
    return [(dementia if ill else risky)[level] if up else "[]" for up, ill, level in rows]


def _sheets(
    district: District, found: Drawn, instrument: Instrument, place: int
) -> dict[str, object]:
    """One assessor's sheets: the first as agreed, the second with the differences there were."""
    choices = found.choices
    if place:
        choices = choices.copy()
        rows = np.flatnonzero(found.differs >= 0)
        items = found.differs[rows]
        choices[rows, items] += np.where(choices[rows, items] > 0, -1, 1)
    points = _points(instrument, choices)
    form = "{" + ", ".join(f'"{code}": %d' for code in instrument.items) + ", "
    rows_ = zip(points.tolist(), _backgrounds(found), strict=True)
    totals = points.sum(axis=1)
    return {
        "id": district.load.take(AssessorAnswers, len(found)),
        "elder_id": district.elder_ids[found.elder],
        "region_id": district.batch.village_code[found.elder],
        "active": True,
        "answers": [form % tuple(row) + background[1:] for row, background in rows_],
        "questions": [()] * len(found),
        "started_at": found.started,
        "finished_at": found.started + (found.minutes + 3 * place) * np.timedelta64(60, "s"),
        "total": totals,
        "level": _levels(instrument, totals) + (found.final - found.initial),
    }


def _levels(instrument: Instrument, totals: IntArray) -> IntArray:
    scoring = instrument.scoring
    assert isinstance(scoring, SumScoring)  # noqa: S101  # for the type checker
    lowest = np.array(sorted(band.low for band in scoring.bands))
    levels: IntArray = len(lowest) - np.searchsorted(lowest, totals, side="right")
    return levels
