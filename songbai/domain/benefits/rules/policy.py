"""A policy as it stands in its file, checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cached_property

from songbai.core.worded import Worded

from .facts import DEATH, FactKind, Sheet, Value
from .figures import Follow
from .groups import Stacking
from .language.tree import Expression, Fact, facts_of
from .months import Day, Month, shifted


class Unit(Worded):
    """What an amount is for."""

    MONTH = "month", "每月"
    YEAR = "year", "每年"
    QUARTER = "quarter", "每季度"
    DAY = "day", "每天"
    ONCE = "once", "一次性"
    HOUR = "hour", "每月服务"
    PERCENT = "percent", "按比例"


#: Money that is not paid every month, and how often a year.
TIMES_A_YEAR = {Unit.YEAR: 1, Unit.QUARTER: 4}


class ByDeath(StrEnum):
    """What death before the paying month leaves of money that is not paid every month."""

    NOTHING = "nothing"
    PRO_RATA = "pro_rata"
    WHOLE = "whole"


class Phase(StrEnum):
    """Whom a criterion is asked of: who starts, who goes on, or both."""

    BOTH = "both"
    START = "start"
    GO_ON = "go_on"


class Channel(Worded):
    """How the money reaches whom it is for."""

    YIKATONG = "yikatong", "一卡通，发到社会保障卡"
    BANK = "bank", "转到银行账户"
    CARE_ACCOUNT = "care_account", "发到养老助残卡的护理账户"
    CREDIT = "credit", "居家服务额度"
    VOUCHER = "voucher", "消费补贴电子券"
    INSURANCE = "insurance", "长护险结算"


#: Money of these channels goes to an account of the person, through the bank.
TO_ACCOUNT = frozenset({Channel.YIKATONG, Channel.BANK, Channel.CARE_ACCOUNT})
#: Money of these channels is spent by orders and not handed over.
SPENT = frozenset({Channel.CREDIT, Channel.VOUCHER})


class Lapse(StrEnum):
    """When what was given and not spent is given back."""

    NEVER = "never"
    MONTH_END = "month_end"


@dataclass(frozen=True)
class Reference:
    """The text a policy stands on."""

    document: str
    number: str
    clause: str
    link: str

    def __str__(self) -> str:
        number = f"（{self.number}）" if self.number else ""
        return f"{self.document}{number}{self.clause}"


@dataclass(frozen=True)
class Criterion:
    """One condition, with a sentence for yes and one for no."""

    id: str
    when: Expression
    source: str
    phase: Phase
    if_yes: str
    if_no: str
    clause: str

    def applies(self, receiving: bool) -> bool:
        """Whether it is asked of somebody who is (not) being paid already."""
        return self.phase is Phase.BOTH or (self.phase is Phase.GO_ON) == receiving


@dataclass(frozen=True)
class Part:
    """A share of an amount that goes to somebody named; fen."""

    name: str
    amount: int


@dataclass(frozen=True)
class Row:
    """One row of an amount table: the first row that fits is taken.

    ``amount`` is fen, or hundredths of a percent for unit percent.
    """

    id: str
    label: str
    when: Expression | None
    source: str
    amount: int
    verified: bool
    clause: str
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Component:
    """One part of a benefit: its table and what the amount is multiplied with."""

    id: str
    name: str
    unit: Unit
    rows: tuple[Row, ...]
    gap_is_zero: bool
    """No row fits: nothing is paid. Otherwise it cannot be decided."""
    paid_in: tuple[int, ...] = ()
    """The months, 1 to 12, in which it is paid; empty: in every one."""
    by_death: ByDeath = ByDeath.NOTHING
    since: date | None = None
    """Of ``pro_rata``: since when the law gives it; None: since this life of the law began."""
    ahead: int = 0
    """Months by which its paying month is looked at early."""
    comes: bool = False
    """Looked at as if its next paying month paid it, whatever is known of it."""
    price: int = 0
    """Of hours of service: fen an hour."""
    times: FactKind | None = None
    percent_of: FactKind | None = None
    less: tuple[FactKind, ...] = ()

    @property
    def times_a_year(self) -> int:
        """How often it is paid in a year; what is paid once, once."""
        return 1 if self.unit is Unit.ONCE else TIMES_A_YEAR.get(self.unit, 12)

    def months_until(self, month: Month) -> int:
        """Months until it is paid, 0 when it is paid in this one."""
        return min(((paid - month.number) % 12 for paid in self.paid_in), default=0)

    def paying(self, month: Month) -> Month:
        """The month that pays it next."""
        ahead = self.months_until(month) + self.ahead
        return Month(f"{shifted(month.first_day, ahead, 'months'):%Y-%m}")

    def read(self, vocabulary: Mapping[str, FactKind]) -> list[FactKind]:
        """The facts it is worked out from, beside those of its rows."""
        by_death = [] if self.by_death is ByDeath.NOTHING else [vocabulary[DEATH]]
        found = (self.times, self.percent_of, *self.less, *by_death)
        return [kind for kind in found if kind is not None]

    @property
    def months_between(self) -> int:
        """Months from one payment to the next."""
        return 12 // self.times_a_year


@dataclass(frozen=True)
class Expected:
    """What a worked case should give under one policy; ``amount`` after stacking."""

    decision: str
    amount: int | None
    failed: tuple[str, ...] | None
    missing: tuple[str, ...] | None


@dataclass(frozen=True)
class Case:
    """A worked case: facts in, decisions out; ``line`` is where it stands in its file."""

    name: str
    month: Month
    sheet: Sheet
    expected: Mapping[str, Expected]
    line: int


@dataclass(frozen=True)
class Policy:
    """One policy in one legal life."""

    code: str
    name: str
    subject: str
    regions: tuple[str, ...]
    region_by: str
    """hukou, residence, region or none: which fact ties a subject to the region."""
    valid_from: date
    valid_to: date | None
    followed: bool
    """Whether another life of it comes after ``valid_to``."""
    reference: Reference
    verified: bool
    """Whether the conditions were checked against the official text; each amount says its own."""
    proactive: bool
    pays_dead: bool
    """Whether it says in so many words that it is paid after death."""
    pay: Channel
    pay_day: int
    lapses: Lapse
    """When unspent money of a channel that orders spend goes back."""
    raised_back: bool
    """Whether more, given for months already paid, is paid after (补发)."""
    lowered_back: bool
    """Whether less, or nothing, for months already paid is asked back (追缴)."""
    days: Mapping[str, Day]
    """As of which day facts are read; ``facts`` is the rule for all others."""
    days_verified: bool
    parameters: Mapping[str, Value]
    follows: tuple[Follow, ...]
    """Parameters that are so many times a figure of its own dates."""
    criteria: tuple[Criterion, ...]
    amounts: tuple[Component, ...]
    cap: int | None
    """Most fen in a month, over all components."""
    stacking: tuple[Stacking, ...]
    notices: Mapping[str, str]
    note: str
    cases: tuple[Case, ...]
    file: str
    text: str = field(repr=False, compare=False)
    """The file as it was read."""
    vocabulary: Mapping[str, FactKind] = field(repr=False, compare=False)
    """The facts of its subject."""

    def asks_the_same(self, other: Policy) -> bool:
        """Whether the same people have the right by both, whatever it is worth."""
        mine, theirs = (
            ([one.when for one in p.criteria], p.regions, p.region_by, p.days)
            for p in (self, other)
        )
        return mine == theirs

    def in_force(self, month: Month) -> bool:
        """Whether it is law in a month; lives begin on a first and end on a last day."""
        ended = self.valid_to is not None and self.valid_to < month.first_day
        return self.valid_from <= month.first_day and not ended

    @property
    def ended_words(self) -> str:
        """Why it gives nothing in a month in which it is no law."""
        until = f"到 {self.valid_to} 为止" if self.valid_to else f"从 {self.valid_from} 才开始执行"
        return f"这项政策{until}"

    def ended_bit(self, month: Month) -> int:
        """The bit that fails for everybody while it is no law: no amount stands in it."""
        return 0 if self.in_force(month) else self.bits["amount"]

    def day_of(self, fact: str) -> Day:
        """As of which day a fact is read."""
        return self.days.get(fact, self.days["facts"])

    def left_by(self, month: Month, left: Mapping[str, date]) -> bool:
        """Whether who left the city (``left``: since when, by fact) has no right to a month."""
        since = left.get(self.region_by)
        return since is not None and since <= month.day(self.day_of(self.region_by))

    def read(self, kind: FactKind) -> Fact:
        """A fact as of the day it is read on; a death is looked for until the month's last."""
        return Fact(kind, Day.LAST_DAY if kind.key == DEATH else self.day_of(kind.key))

    def facts_read(self) -> Iterator[tuple[str, Fact]]:
        """Every fact it reads as often as it does, with what reads it: a criterion by its id, the
        ``amount``, the ``stacking``.
        """
        for criterion in self.criteria:
            yield from ((criterion.id, fact) for fact in facts_of(criterion.when))
        for part in self.amounts:
            for row in part.rows:
                yield from (("amount", fact) for fact in facts_of(row.when)) if row.when else ()
            yield from (("amount", self.read(kind)) for kind in part.read(self.vocabulary))
        for group in self.stacking:
            yield from (("stacking", self.read(kind)) for kind in group.outside)

    @cached_property
    def fact_keys(self) -> tuple[str, ...]:
        """The facts it asks for, in the order they occur, derived ones as their source."""
        keys = (given.key for _, fact in self.facts_read() for given in fact.kind.given)
        return tuple(dict.fromkeys(keys))

    @property
    def times_a_year(self) -> int:
        """How often it is paid in a year; of parts with several rhythms, as of monthly money."""
        rhythms = {part.times_a_year for part in self.amounts}
        return rhythms.pop() if len(rhythms) == 1 else 12

    @property
    def has_rhythm(self) -> bool:
        """Whether something of it is not paid every month."""
        return any(part.paid_in for part in self.amounts)

    @property
    def all_monthly(self) -> bool:
        """Whether a year of it comes to twelve times a month."""
        return all(part.times_a_year == 12 for part in self.amounts)

    @property
    def hour_price(self) -> int:
        """Fen an hour where all of it is hours of service of one price, else 0."""
        prices = {part.price for part in self.amounts}
        return prices.pop() if len(prices) == 1 else 0

    def paid_now(self, month: Month) -> Policy:
        """The policy as if what is not paid every month were paid in this one."""
        amounts = (
            replace(part, paid_in=(month.number,)) if part.paid_in else part
            for part in self.amounts
        )
        return replace(self, amounts=tuple(amounts))

    def ends(self, part: Component, month: Month) -> bool:
        """Whether it ends before the next paying month of what is not paid every month."""
        last = None if self.followed or not part.paid_in else self.valid_to
        return last is not None and last < part.paying(month).first_day

    def never_lapses(self) -> Policy:
        """The policy as if all of it came to be paid."""
        return replace(self, amounts=tuple(replace(part, comes=True) for part in self.amounts))

    def paid_next(self, month: Month) -> Policy:
        """The policy as if its next paying month were this one."""
        until = self.months_until(month)
        amounts = (
            replace(part, paid_in=(month.number,), ahead=until)
            if part.paid_in and part.months_until(month) == until
            else part
            for part in self.amounts
        )
        return replace(self, amounts=tuple(amounts))

    def months_until(self, month: Month) -> int:
        """Months until something is paid that is not paid every month."""
        return min((part.months_until(month) for part in self.amounts if part.paid_in), default=0)

    @property
    def conditions(self) -> list[Expression]:
        """All of its expressions: of criteria, then of rows."""
        rows = [row.when for part in self.amounts for row in part.rows if row.when is not None]
        return [*(c.when for c in self.criteria), *rows]

    @property
    def at_disposal(self) -> int | None:
        """Fen a voucher puts at the person's disposal: its percentages say how much of each bill it
        pays, not how much is given. None for other money.
        """
        return self.cap if self.pay is Channel.VOUCHER else None

    @property
    def amounts_verified(self) -> bool:
        """Whether every amount was checked against the official text."""
        return all(row.verified for part in self.amounts for row in part.rows)

    @property
    def unverified(self) -> list[str]:
        """What was not checked against an official text, in words."""
        found = {
            "条件": self.verified,
            "日期规则": self.days_verified,
            "金额": self.amounts_verified,
            "叠加规则": all(group.verified for group in self.stacking),
        }
        return [what for what, checked in found.items() if not checked]

    @property
    def bits(self) -> dict[str, int]:
        """The bit of each criterion in a mask; after them those of the amount and of stacking."""
        names = [c.id for c in self.criteria] + ["amount", "stacking"]
        return {name: 1 << bit for bit, name in enumerate(names)}
