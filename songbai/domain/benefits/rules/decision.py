"""What was decided for one subject and month, with everything that led there."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from .cycle import PHONE
from .facts import Never, Reading, Value, yuan
from .groups import Stacking
from .months import Month, shifted
from .policy import Component, Criterion, Expected, Policy, Row, Unit

FORMAT = "songbai-decision/1"
RESULTS = {True: "yes", False: "no", None: "unknown"}


def sum_words(policy: Policy, month: Month, fen: int, coming: int = 0) -> str:
    """What a month gives, or what is coming and when: 600 元（12 月发）."""
    if policy.hour_price:
        hours = f"{Decimal(fen) / policy.hour_price:.1f}".removesuffix(".0")
        about = "" if Decimal(hours) * policy.hour_price == fen else "约 "
        return f"{about}{hours} 小时服务（折合 {yuan(fen)}）"
    if fen or not coming:
        return yuan(fen)
    return f"{yuan(coming)}（{_paying(policy, month).month} 月发）"


def month_words(policy: Policy, month: Month, fen: int, coming: int = 0) -> str:
    """The month a sum is for: the one that pays it."""
    day = month.first_day if fen or not coming else _paying(policy, month)
    return f"{day.year} 年 {day.month} 月"


def nothing_words(policy: Policy, month: Month, *, lapsed: str) -> str:
    """What is said where all conditions hold and nothing is paid."""
    why = f"：要到发放的月份才发，{lapsed}" if lapsed else ""
    return f"符合{policy.name}的条件，{month_words(policy, month, 1)}没有钱可发{why}"


def told(
    policy: Policy,
    month: Month,
    kind: str,
    sums: tuple[int, int],
    *,
    lapsed: str = "",
    reason: str = "",
    name: str = "{name}",
    phone: str = PHONE,
) -> str:
    """What a person is told by the policy's own notice (granted, refused, stopped); whoever has the
    right and is paid nothing just now is told so. ``sums``: fen of the month, fen that are coming.
    """
    fen, coming = sums
    if kind == "granted" and not (fen or coming):
        return f"{name}：{nothing_words(policy, month, lapsed=lapsed)}。不明白请打 {phone}。"
    return policy.notices[kind].format(
        name=name,
        policy=policy.name,
        amount=sum_words(policy, month, fen, coming),
        month=month_words(policy, month, fen, coming),
        reason=reason,
        phone=phone,
        pay_day=policy.pay_day or "",
    )


def _paying(policy: Policy, month: Month) -> date:
    return shifted(month.first_day, policy.months_until(month), "months")


@dataclass(frozen=True)
class Finding:
    """One criterion and what became of it; ``result`` is None when a fact is missing."""

    criterion: Criterion
    result: bool | None
    readings: tuple[Reading, ...]
    missing: tuple[str, ...]
    says: str


@dataclass(frozen=True)
class Line:
    """One line of the amount, in fen; ``amount`` is None when a fact is missing.

    ``full`` is what is paid in a month in which it is paid.
    """

    component: Component
    row: Row | None
    times: Reading | None
    base: int | None
    amount: int | None
    says: str
    missing: tuple[str, ...] = ()
    full: int = 0
    lapsed: str = ""
    """Why its paying month will pay nothing of it, "" where nothing is known against it."""

    @property
    def worth(self) -> int | None:
        """Fen a year: twelve months of monthly money, the year's of what is paid in some."""
        return 0 if self.lapsed else self.in_life

    @property
    def coming(self) -> int:
        """Fen that its next paying month pays."""
        return 0 if self.lapsed else self.full

    @property
    def in_life(self) -> int | None:
        """What it is worth where it comes to be paid."""
        if self.amount is None:
            return None
        return (self.full if self.component.paid_in else self.amount) * self.component.times_a_year


@dataclass(frozen=True)
class Change:
    """What would have to be otherwise; ``from_day`` when only time has to pass.

    Divisions stand as codes in ``says`` and in ``places``.
    """

    fact: str
    says: str
    from_day: date | None = None
    places: tuple[str, ...] = ()


@dataclass(frozen=True)
class StackingNote:
    """What a group did: kept, instead (of one that never comes to be paid), yielded, reduced or
    unknown.
    """

    rule: Stacking
    result: str
    says: str


@dataclass(frozen=True)
class Decision:
    """The decision of one policy; ``amount`` is after stacking, None when it cannot be decided."""

    policy: Policy
    month: Month
    receiving: bool
    findings: tuple[Finding, ...]
    lines: tuple[Line, ...]
    amount_before: int | None
    amount: int | None
    failed_mask: int
    unknown_mask: int
    missing: tuple[str, ...]
    stacking: tuple[StackingNote, ...]
    changes: tuple[tuple[Change, ...], ...]
    coming: int = 0
    """Fen that a later month pays, after stacking, of a yes that gives nothing in this one."""

    @property
    def decision(self) -> str:
        """yes, no or cannot_decide."""
        if self.failed_mask:
            return "no"
        return "cannot_decide" if self.unknown_mask else "yes"

    @property
    def group(self) -> str:
        """The labels of the amount rows that were taken, "" when nothing is given."""
        taken = dict.fromkeys(line.row.label for line in self.lines if line.row)
        return "、".join(taken) if self.decision == "yes" else ""

    @property
    def lapsed(self) -> str:
        """Why some of it never comes to be paid."""
        return next((line.lapsed for line in self.lines if line.lapsed), "")

    @property
    def sum_words(self) -> str:
        """What is given, in words."""
        return sum_words(self.policy, self.month, self.amount or 0, self.coming)

    @property
    def outcome(self) -> Expected:
        """The short form worked cases are compared with."""
        failed = names_of(self.policy, self.failed_mask)
        return Expected(self.decision, self.amount, failed, self.missing)

    def as_json(self) -> dict[str, Any]:
        """The documented JSON form (docs/policy-format.md)."""
        policy = self.policy
        return {
            "format": FORMAT,
            "policy": policy.code,
            "name": policy.name,
            "month": self.month.text,
            "valid_from": policy.valid_from.isoformat(),
            "valid_to": _day(policy.valid_to),
            "reference": vars(policy.reference).copy(),
            "verified": policy.verified,
            "unverified": policy.unverified,
            "receiving": self.receiving,
            "decision": self.decision,
            "amount_fen": self.amount,
            "amount_before_stacking_fen": self.amount_before,
            "at_most_fen": policy.cap,
            "pay_channel": str(policy.pay),
            "missing": self.as_missing(),
            "criteria": [_finding(finding) for finding in self.findings],
            "lines": [_line(line) for line in self.lines],
            "stacking": [
                {
                    "group": note.rule.group,
                    "rule": str(note.rule.rule),
                    "result": note.result,
                    "says": note.says,
                    "clause": note.rule.clause,
                }
                for note in self.stacking
            ],
            "changes": [
                [
                    {"fact": change.fact, "says": change.says, "from": _day(change.from_day)}
                    for change in together
                ]
                for together in self.changes
            ],
            "failed_mask": self.failed_mask,
            "unknown_mask": self.unknown_mask,
            "notice": self.notice(),
        }

    def notice(self, name: str = "您", phone: str = PHONE) -> str:
        """What the person is told."""
        if self.decision == "cannot_decide":
            names = "、".join(m["name"] for m in self.as_missing())
            return f"{name}：{self.policy.name}现在还不能判断，缺{names}。请打 {phone}。"
        no = "stopped" if self.receiving else "refused"
        text = told(
            self.policy,
            self.month,
            "granted" if self.decision == "yes" else no,
            (self.amount or 0, self.coming),
            lapsed=self.lapsed,
            reason="；".join(self.reasons()),
            name=name,
            phone=phone,
        )
        return text + "".join(f"{n.says}。" for n in self.stacking if n.result == "instead")

    def as_missing(self) -> list[dict[str, str]]:
        """The missing facts with their names."""
        known = self.policy.vocabulary
        return [
            {"fact": key, "name": known[key].name if key in known else "适用的金额"}
            for key in self.missing
        ]

    def reasons(self) -> list[str]:
        """The sentences of what stands in the way."""
        found = [f.says for f in self.findings if f.result is False]
        if self.failed_mask & self.policy.ended_bit(self.month):
            found.append(self.policy.ended_words)
        return found + [note.says for note in self.stacking if note.result == "yielded"]


def names_of(policy: Policy, mask: int) -> tuple[str, ...]:
    """The ids of the criteria whose bits are set in a mask, ``amount`` and ``stacking`` too."""
    return tuple(name for name, bit in policy.bits.items() if mask & bit)


def reading_json(reading: Reading) -> dict[str, Any]:
    """A fact as it was used."""
    return {
        "fact": reading.fact.key,
        "name": reading.fact.name,
        "value": value_json(reading.value),
        "shown": reading.fact.say(reading.value),
        "as_of": _day(reading.day),
        "source": reading.source or None,
        "observed": _day(reading.observed),
        "from": _day(reading.valid_from),
        "assumed": reading.assumed,
    }


def value_json(value: Value) -> bool | int | str | None:
    """A value in JSON; unknown and never are null."""
    if value is None or isinstance(value, Never):
        return None
    return value.isoformat() if isinstance(value, date) else value


def _finding(finding: Finding) -> dict[str, Any]:
    criterion = finding.criterion
    return {
        "id": criterion.id,
        "when": criterion.source,
        "result": RESULTS[finding.result],
        "says": finding.says,
        "clause": criterion.clause,
        "phase": str(criterion.phase),
        "facts": [reading_json(reading) for reading in finding.readings],
        "missing": list(finding.missing),
    }


def _line(line: Line) -> dict[str, Any]:
    row, percent = line.row, line.component.unit is Unit.PERCENT
    return {
        "component": line.component.id,
        "name": line.component.name,
        "unit": str(line.component.unit),
        "unit_shown": line.component.unit.words,
        "row": row.id if row else None,
        "label": row.label if row else None,
        "rate_fen": row.amount if row and not percent else None,
        "percent": f"{row.amount / 100:g}%" if row and percent else None,
        "times": reading_json(line.times) if line.times else None,
        "base_fen": line.base,
        "amount_fen": line.amount,
        "parts": [{"name": part.name, "rate_fen": part.amount} for part in row.parts]
        if row
        else [],
        "verified": row.verified if row else None,
        "clause": (row.clause or None) if row else None,
        "says": line.says,
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
