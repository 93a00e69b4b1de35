"""The self-check: as few plain questions as settle what somebody could have. Pure, keeps nothing.

A question is asked only when its answer can still change an outcome. Where from and how old come
first; then the one after which the fewest others are left, on average over the usual answers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from songbai.core import yaml_file
from songbai.domain.elders.rules import possible_birth

from .decision import Decision
from .evaluate import decide_all
from .facts import NEVER, FactKind, Kind, Never, Sheet, Statement, Value
from .months import Month, shifted
from .policy import Policy
from .statements import facts_problems
from .vocabulary import vocabulary

FILE = Path(__file__).resolve().parents[4] / "catalogues" / "self_check.yaml"
FORMAT = "songbai-self-check/1"
#: What somebody answers who does not know.
UNKNOWN = "?"
#: A division of which no policy speaks.
AWAY = "0" * 12
#: Rare things are asked for: so many say no for one who says yes.
NO_FOR_A_YES = 4
Answers = Mapping[str, str]


class WrongAnswer(ValueError):
    """An answer that cannot be; the message says what would be right."""


@dataclass(frozen=True)
class Question:
    """One question, by the fact it asks for."""

    key: str
    asks: str
    kind: str
    help: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    samples: tuple[int, ...] = ()
    first: bool = False

    @property
    def fact(self) -> FactKind:
        """The fact."""
        return vocabulary("elder")[self.key]


@cache
def questions() -> dict[str, Question]:
    """All questions by fact, in the order of the catalogue."""
    raw: dict[str, Any] = yaml_file.read(FILE)
    if raw["format"] != FORMAT:
        raise ValueError(f"format is not {FORMAT}")
    return {
        key: Question(key, **{**entry, "samples": tuple(entry.get("samples", ()))})
        for key, entry in raw["questions"].items()
    }


def policies_of(policies: Iterable[Policy], district: str) -> list[Policy]:
    """The policies that somebody of a district could meet; "50" stands for no district of them."""
    return [
        policy
        for policy in policies
        if any(code.startswith(district) or district.startswith(code) for code in policy.regions)
        and (len(district) > 2 or any(len(code) <= 2 for code in policy.regions))
    ]


def places_of(policies: Iterable[Policy], key: str) -> list[tuple[str, ...]]:
    """The areas policies ask about with a fact of place, the smallest first."""
    found = {policy.regions for policy in policies if policy.region_by == key}
    return sorted(found, key=lambda codes: (-len(codes[0]), codes))


def value_of(question: Question, answer: str, month: Month) -> Value:
    """An answer as a fact; None for who does not know. Raises WrongAnswer."""
    if answer == UNKNOWN:
        return None
    given = _given(question, answer, month)
    if isinstance(given, Never):
        return given
    problems = facts_problems(vocabulary("elder"), {question.key: given})
    if problems:
        raise WrongAnswer(problems[0].partition("：")[2] or problems[0])
    value: Value = date.fromisoformat(given) if question.fact.kind in _DAYS else given
    return value


_DAYS = {Kind.DATE, Kind.EVENT}


def _given(question: Question, answer: str, month: Month) -> Any:
    """An answer as a facts file writes it."""
    match question.kind:
        case "yes_no":
            return {"yes": True, "no": False}.get(answer, answer)
        case "choice" if answer not in question.choices:
            raise WrongAnswer("请从列出的里面选。")
        case "choice" if question.fact.kind in _DAYS:
            return _since(answer, month)
        case "choice" if question.fact.kind is Kind.WHOLE:
            return int(answer)
        case "number":
            return int(answer) if answer.isdecimal() and len(answer) < 4 else answer
        case "money":
            return _fen(answer)
        case "date" if _is_day(answer) and not possible_birth(
            date.fromisoformat(answer), month.last_day
        ):
            raise WrongAnswer("这个日期不对，请看身份证。")
    return answer


def _since(answer: str, month: Month) -> Any:
    """How long something has lasted, as a day well inside what was chosen."""
    months = {"short": 1, "long": 7, "fresh": 1, "old": 60}
    if answer == "never":
        return NEVER
    return shifted(month.first_day, -months[answer], "months").isoformat()


def _fen(answer: str) -> Any:
    whole, _, rest = answer.partition(".")
    if not whole.isdecimal() or len(whole) > 7 or len(rest) > 2 or (rest and not rest.isdecimal()):
        raise WrongAnswer("请填多少元，比如 200。")
    return int(whole) * 100 + int(rest.ljust(2, "0") or "0")


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError as error:
        full = all(part.isdecimal() and int(part) for part in text.split("-"))
        says = "没有这一天，请看身份证上的日期" if full else "请把年、月、日填全"
        raise WrongAnswer(f"{says}，比如 1943 年 4 月 6 日。") from error
    return True


@dataclass(frozen=True)
class Check:
    """What is known so far about somebody nobody knows."""

    policies: tuple[Policy, ...]
    month: Month
    answers: Answers

    def sheet(self, **more: Value) -> Sheet:
        """The answers as facts; what was not answered is unknown, also where silence means no."""
        asked = {key for policy in self.policies for key in policy.fact_keys}
        found: dict[str, Value] = {
            key: None if _asks_for(key) else vocabulary("elder")[key].missing for key in asked
        }
        for key, answer in self.answers.items():
            if key in asked:
                found[key] = value_of(questions()[key], answer, self.month)
        return Sheet("elder", {k: (Statement(v, "自己填的"),) for k, v in (found | more).items()})

    def decisions(self, **more: Value) -> list[Decision]:
        """What follows."""
        return decide_all(self.policies, self.sheet(**more), self.month)

    def next(self) -> Question | None:
        """The question that settles most; None when none is left that changes anything."""
        wanted = self._wanted(self.decisions())
        left = [one for key, one in questions().items() if key in wanted]
        easy = [one for one in left if one.first]
        return easy[0] if easy else min(left, key=self._still_open, default=None)

    def _wanted(self, decisions: Iterable[Decision]) -> set[str]:
        """Facts that keep something open, can be asked for and were not."""
        missing = {key for one in decisions for key in one.missing}
        return {key for key in missing if _asks_for(key)} - set(self.answers)

    def _still_open(self, question: Question) -> float:
        """Questions that stay useful after this one, on average over its usual answers."""
        values = self._samples(question)
        left = [len(self._wanted(self.decisions(**{question.key: value}))) for value in values]
        if question.kind == "yes_no":
            return (left[0] + NO_FOR_A_YES * left[1]) / (1 + NO_FOR_A_YES)
        return sum(left) / len(values)

    def _samples(self, question: Question) -> Sequence[Value]:
        match question.kind:
            case "yes_no":
                return [True, False]
            case "choice":
                return [value_of(question, one, self.month) for one in question.choices]
            case "place":
                areas = places_of(self.policies, question.key)
                return [*(codes[0].ljust(12, "0") for codes in areas), AWAY]
            case "date":
                return [shifted(self.month.first_day, -n, "years") for n in question.samples]
        return question.samples


def _asks_for(key: str) -> bool:
    return key in questions()


def could_have(decision: Decision) -> bool:
    """Whether every condition holds; the amount may still depend on what is spent."""
    bits = decision.policy.bits
    return not decision.failed_mask and not decision.unknown_mask & ~bits["amount"]
