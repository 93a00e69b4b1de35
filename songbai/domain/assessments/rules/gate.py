"""The self-assessment before an assessment: who may apply for one."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .answers import ImpossibleAnswers, Problem
from .instrument import Instrument


@dataclass(frozen=True)
class GateResult:
    """The outcome's letter and whether it lets the elder apply."""

    outcome: str
    passed: bool
    verified: bool

    def as_json(self) -> dict[str, Any]:
        """The published form."""
        return {"outcome": self.outcome, "passed": self.passed, "verified": self.verified}


def judge(instrument: Instrument, answers: object) -> GateResult:
    """The outcome of a self-assessment: a choice for each line, by the line's code.

    Raises ImpossibleAnswers naming every line at fault, or the instrument that has no gate.
    """
    gate = instrument.gate
    if gate is None:
        raise ImpossibleAnswers([Problem("", f"{instrument.title}没有自评表")])
    given = answers if isinstance(answers, Mapping) else {}
    lines = {item.code: item.name for item in (*gate.row_items, *gate.column_items)}
    choices = "、".join(gate.choices)
    wrong = [
        Problem(code, f"{name}：没有填" if code not in given else f"{name}：只能填 {choices}")
        for code, name in lines.items()
        if given.get(code) not in gate.choices
    ]
    wrong += [Problem(str(code), "自评表里没有这一项") for code in given if code not in lines]
    if wrong:
        raise ImpossibleAnswers(wrong)
    row = Counter(given[item.code] for item in gate.row_items)[gate.counts]
    column = Counter(given[item.code] for item in gate.column_items)[gate.counts]
    outcome = gate.outcomes[row][column]
    return GateResult(outcome, outcome in gate.passes, gate.verified)
