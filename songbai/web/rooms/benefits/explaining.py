"""Explained decisions as pages show them: the same for officer, family, letter and counter."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from songbai.core.errors import UnknownRegion
from songbai.core.regions.queries import path, region
from songbai.domain.benefits.models import Objection
from songbai.domain.benefits.queries.explain import Entry, Explained
from songbai.domain.benefits.rules import telling
from songbai.domain.benefits.rules.decision import Decision, Finding
from songbai.domain.benefits.rules.facts import Kind, Reading, yuan
from songbai.domain.benefits.rules.library import law
from songbai.domain.benefits.rules.policy import SPENT, Channel
from songbai.domain.benefits.rules.register import kind_of
from songbai.domain.benefits.rules.telling import Telling
from songbai.domain.elders.models import Elder
from songbai.domain.elders.rules.kinds import source_words
from songbai.web.letters import day_of

#: The word of the status vocabulary for each decision.
STATUS = {"yes": "eligible", "no": "not_eligible", "cannot_decide": "to_verify"}
#: What can be had comes first, then what is still to be found out.
ORDER = ("yes", "cannot_decide", "no")
RESULT_WORDS = {"yes": "可以享受", "no": "不能享受", "cannot_decide": "还不能判断"}


#: What is not money on a card.
AS_WHAT = {
    **{channel: channel.words for channel in SPENT},
    Channel.INSURANCE: "长护险付的",
}


@dataclass(frozen=True)
class Card:
    """One policy's decision, whole."""

    entry: Entry
    decision: Decision
    telling: Telling
    known: datetime | None = None

    @property
    def status(self) -> str:
        """The word of the status vocabulary for it."""
        return STATUS[self.decision.decision]

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
    cards = [
        card(told.elder, entry, entry.now if now else entry.then, entry.known_at or told.known_at)
        for entry in told.entries
    ]
    return sorted(cards, key=lambda one: ORDER.index(one.decision.decision))


def card(elder: Elder, entry: Entry, decision: Decision, known: datetime | None = None) -> Card:
    """One policy's decision; ``known``: until when it knew what it knew. Nothing is promised to
    somebody who has died since.
    """
    told = telling.tell(decision, place_name)
    return Card(entry, decision, replace(told, gaps=(), ways=()) if elder.died_on else told, known)


def version(card: Card) -> str:
    """By which rule it was decided, since when that holds, and the digest of its text."""
    entry, policy = card.entry, card.decision.policy
    since, used = policy.valid_from, policy is entry.policy
    words = f"规则 {policy.code}，{since.year} 年 {since.month} 月 {since.day} 日起执行"
    return f"{words}，原文摘要 {entry.cycle.policy_text_id[:8]}" if entry.cycle and used else words


def has_words(finding: Finding) -> list[str]:
    """How it is with the person, fact by fact."""
    alone = len(finding.readings) == 1
    return [_has(reading, alone=alone) for reading in finding.readings]


def gap_words(finding: Finding) -> str:
    """By how much a condition is missed."""
    return "，".join(telling.gaps_of(finding)) if finding.result is False else ""


def sources(finding: Finding) -> list[str]:
    """Who says it."""
    return list(dict.fromkeys(_source(reading) for reading in finding.readings))


def _has(reading: Reading, *, alone: bool) -> str:
    """How it is with the person; what a bare yes or one of several is about is named."""
    if (alone and reading.fact.kind is not Kind.BOOL) or reading.fact.key == "alive":
        return telling.value_words(reading, place_name)
    return telling.named_words(reading, place_name)


def _source(reading: Reading) -> str:
    if reading.fact.key == "alive" and reading.assumed:
        return "没有去世的登记"
    if reading.assumed:
        return "没有部门报过，按没有算"
    if reading.value is None:
        return "还没有部门报过"
    words = source_words().get(reading.source, reading.source)
    return f"{words}，{day_of(reading.observed)}" if reading.observed else words


def missing_kinds(cards: Iterable[Card]) -> list[tuple[str, str]]:
    """Facts that keep something from being decided: the register's kind ("" for none), the name."""
    found: dict[str, str] = {}
    for one in cards:
        if one.decision.decision == "cannot_decide":
            for missing in one.decision.as_missing():
                found[missing["name"]] = kind_of(missing["fact"])
    return [(kind, name) for name, kind in found.items()]


def by_month(cards: Iterable[Card]) -> int:
    """Fen of everything that can be had in the month."""
    return sum(fen for _, fen in sums(cards))


def sums(cards: Iterable[Card]) -> list[tuple[str, int]]:
    """Fen of the month by what it comes as: money, credit, voucher, insurance."""
    found: dict[str, int] = {}
    for one in cards:
        if one.yes and one.decision.amount:
            words = AS_WHAT.get(one.decision.policy.pay, "发到卡上的钱")
            found[words] = found.get(words, 0) + one.decision.amount
    return list(found.items())


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
    lives = [policy for policy in law().policies if policy.code == code]
    return max(lives, key=lambda one: one.valid_from).name if lives else code
