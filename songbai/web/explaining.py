"""Explained decisions as pages show them: the same for officer, family, letter and counter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from songbai.core import clock
from songbai.core.errors import UnknownRegion
from songbai.core.regions.queries import path, region
from songbai.domain.benefits.actions.informing import WAYS
from songbai.domain.benefits.models import NoticeGiven, Objection
from songbai.domain.benefits.queries.explain import Entry, Explained
from songbai.domain.benefits.rules import telling
from songbai.domain.benefits.rules.cycle import STATE_WORDS, State
from songbai.domain.benefits.rules.decision import Decision, Finding
from songbai.domain.benefits.rules.facts import Reading, yuan
from songbai.domain.benefits.rules.library import shipped
from songbai.domain.benefits.rules.objection import CHANNEL_WORDS, GROUND_WORDS, Channel, Ground
from songbai.domain.benefits.rules.register import ORIGINS
from songbai.domain.benefits.rules.telling import Telling
from songbai.domain.elders.rules.kinds import source_words

#: The word of the status vocabulary for each decision.
STATUS = {"yes": "eligible", "no": "not_eligible", "cannot_decide": "to_verify"}
TONES = {"yes": "", "no": "is-no", "cannot_decide": "is-doubt"}
#: What can be had comes first, then what is still to be found out.
ORDER = ("yes", "cannot_decide", "no")
RESULT_WORDS = {"yes": "可以享受", "no": "不能享受", "cannot_decide": "还不能判断"}


@dataclass(frozen=True)
class Condition:
    """One row of the conditions: what is asked, how it is with the person, who says so."""

    asked: str
    clause: str
    has: tuple[str, ...]
    result: str
    says: str
    gap: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Card:
    """One policy's decision, whole."""

    entry: Entry
    decision: Decision
    telling: Telling
    status: str
    tone: str
    money: str
    unit: str
    conditions: tuple[Condition, ...]
    lines: tuple[str, ...]
    stacking: tuple[str, ...]
    version: str

    @property
    def code(self) -> str:
        """The policy's code."""
        return self.decision.policy.code

    @property
    def name(self) -> str:
        """The policy's name."""
        return self.decision.policy.name

    @property
    def unverified(self) -> str:
        """What was not checked against an official text, in words."""
        return "、".join(self.decision.policy.unverified)

    @property
    def yes(self) -> bool:
        """Whether it can be had."""
        return self.decision.decision == "yes"


def place_name(code: str) -> str:
    """铜梁区巴川街道东方社区; 重庆市 for the beginning of a code; a code nobody knows as it is."""
    try:
        if len(code.rstrip("0")) <= 4:
            return region(code).name
        return "".join(one.name for one in path(code))
    except UnknownRegion:
        return f"外地（{code[:6]}）"


def cards_of(told: Explained, *, now: bool = False) -> list[Card]:
    """All policies of a month; with ``now`` as decided from what is known today."""
    cards = [card(entry, entry.now if now else entry.then) for entry in told.entries]
    return sorted(cards, key=lambda one: ORDER.index(one.decision.decision))


def card(entry: Entry, decision: Decision) -> Card:
    """One policy's decision."""
    return Card(
        entry=entry,
        decision=decision,
        telling=telling.tell(decision, place_name),
        status=STATUS[decision.decision],
        tone=TONES[decision.decision],
        money=telling.money(decision),
        unit=telling.unit_words(decision),
        conditions=tuple(_condition(finding) for finding in decision.findings),
        lines=tuple(telling.line_words(line) for line in decision.lines),
        stacking=tuple(note.says for note in decision.stacking),
        version=_version(entry),
    )


def _version(entry: Entry) -> str:
    since = entry.policy.valid_from
    words = f"规则 {entry.policy.code}，{since.year} 年 {since.month} 月 {since.day} 日起执行"
    return f"{words}，原文摘要 {entry.cycle.policy_text_id[:8]}" if entry.cycle else words


def _condition(finding: Finding) -> Condition:
    return Condition(
        asked=finding.criterion.if_yes,
        clause=finding.criterion.clause,
        has=tuple(telling.value_words(r, place_name) for r in finding.readings),
        result={True: "yes", False: "no", None: "unknown"}[finding.result],
        says=finding.says,
        gap="，".join(telling.gaps_of(finding)) if finding.result is False else "",
        sources=tuple(dict.fromkeys(_source(reading) for reading in finding.readings)),
    )


def _source(reading: Reading) -> str:
    if reading.assumed:
        return "没有部门报过，按没有算"
    if reading.value is None:
        return "还没有部门报过"
    words = source_words().get(reading.source, reading.source)
    return f"{words}，{day_of(reading.observed)}" if reading.observed else words


def day_of(day: date) -> str:
    """2026 年 11 月 18 日."""
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def month_words(month: str) -> str:
    """2026 年 11 月."""
    return f"{month[:4]} 年 {int(month[5:])} 月"


def missing_kinds(cards: Iterable[Card]) -> list[tuple[str, str]]:
    """Facts that keep something from being decided: the register's kind ("" for none), the name."""
    found: dict[str, str] = {}
    for one in cards:
        if one.decision.decision == "cannot_decide":
            for missing in one.decision.as_missing():
                found[missing["name"]] = (
                    ORIGINS[missing["fact"]].kind if missing["fact"] in ORIGINS else ""
                )
    return [(kind, name) for name, kind in found.items()]


def by_month(cards: Iterable[Card]) -> int:
    """Fen of everything that can be had in the month."""
    return sum(one.decision.amount or 0 for one in cards if one.yes)


@dataclass(frozen=True)
class Step:
    """One line of the trail; ``state`` is done, now or bad."""

    at: datetime
    words: str
    state: str = "done"


def trail_of(
    told: Explained, objections: Iterable[Objection], notices: Iterable[NoticeGiven]
) -> list[Step]:
    """How a month's results came about, newest first: facts, cycle, objections, who was told."""
    steps = [*_facts_said(told), *_cycle_steps(told)]
    for one in objections:
        if one.month == told.month.text:
            steps += _objected(one)
    steps += [
        Step(n.at, f"{n.by_name}{WAYS[n.way]}告诉了{n.listener}")
        for n in notices
        if n.month == told.month.text
    ]
    return sorted(dict.fromkeys(steps), key=lambda step: step.at, reverse=True)


def _facts_said(told: Explained) -> list[Step]:
    """Facts that were used, each once, on the day they were observed."""
    steps = []
    for entry in told.entries:
        for reading in (r for f in entry.then.findings for r in f.readings):
            if reading.observed and reading.value is not None:
                source = source_words().get(reading.source, reading.source)
                name = "出生日期" if reading.fact.derived_from == "birth_date" else ""
                value = telling.value_words(reading, place_name)
                words = f"{source}：{name or reading.fact.name} {value}"
                steps.append(Step(clock.at(reading.observed, 0), words))
    return steps


def _cycle_steps(told: Explained) -> list[Step]:
    steps = []
    for entry in told.entries:
        if entry.cycle is None:
            continue
        for step in entry.cycle.steps.all():
            who = f"{step.by_name}：" if step.by_id else ""
            words = f"{who}{entry.policy.name}{STATE_WORDS[State(step.state)]}"
            steps.append(Step(step.at, words))
        if not entry.agrees:
            words = f"{entry.policy.name}：按当时资料重算，和批次里记的不一样"
            steps.append(Step(entry.cycle.opened_at, words, "bad"))
    return steps


def _objected(one: Objection) -> list[Step]:
    ground = GROUND_WORDS[Ground(one.ground)]
    steps = [Step(one.raised_at, f"{CHANNEL_WORDS[Channel(one.channel)]}提异议：{ground}", "now")]
    if one.answered_at:
        steps.append(Step(one.answered_at, f"{one.taken_by}答复异议：{effect_words(one)}"))
    return steps


def effect_words(one: Objection) -> str:
    """What an answer changed: 原结果没有错；补 200 元…"""
    if not one.answered_at:
        return ""
    if (one.then_result, one.then_fen) == (one.now_result, one.now_fen):
        return "重新核对，结果不变"
    words = f"原来{RESULT_WORDS[one.then_result]}，现在{RESULT_WORDS[one.now_result]}"
    if one.then_fen is None or one.now_fen is None:
        return words
    fen = one.now_fen - one.then_fen
    money = f"要补发 {yuan(fen)}" if fen > 0 else f"多发了 {yuan(-fen)}" if fen < 0 else "钱数不变"
    return f"{words}，{money}"


def result_words(result: str, fen: int | None) -> str:
    """可以享受，200 元; "" before there is a result."""
    words = RESULT_WORDS.get(result, "")
    return f"{words}，{yuan(fen)}" if result == "yes" and fen is not None else words


def policy_name(code: str) -> str:
    """What a policy is called, in its newest life; a code nobody knows as it is."""
    lives = [policy for policy in shipped() if policy.code == code]
    return max(lives, key=lambda one: one.valid_from).name if lives else code


def recent_months(count: int = 12) -> list[str]:
    """The last months, this one first."""
    day, found = clock.today().replace(day=1), []
    for _ in range(count):
        found.append(clock.month_of(day))
        day = (day - timedelta(days=1)).replace(day=1)
    return found
