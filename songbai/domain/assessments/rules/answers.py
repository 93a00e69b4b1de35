"""Answers checked item by item. All problems are found, not only the first."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .instrument import Instrument
from .parts import FieldOfForm, Item

#: What a JSON file holds: points or option codes by item, background by field.
Answers = Mapping[str, Any]
ICD = re.compile(r"[A-Z]\d\d(\.\d{1,2})?")
#: Nobody counts more than this many events in a month.
MOST_EVENTS = 99


@dataclass(frozen=True)
class Problem:
    """What is wrong with one answer, in words for whoever filled the form."""

    item: str
    problem: str


class ImpossibleAnswers(ValueError):
    """Answers that cannot be scored; ``problems`` names every item at fault."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("；".join(f"{problem.item} {problem.problem}" for problem in problems))


def position(item: Item, value: object) -> int | None:
    """Which option a value means (0 is the best), or the number itself; None for no answer to it.

    Of options with the same points, the points mean the first and a code the one it names.
    """
    if item.number:
        span = item.number
        if type(value) is not int or not span.low <= value <= span.high:
            return None
        return value if (value - span.low) % span.step == 0 else None
    for place, option in enumerate(item.options):
        if type(value) is int and option.points == value:
            return place
        if isinstance(value, str) and option.code is not None and option.code == value:
            return place
    return None


def checked(instrument: Instrument, answers: object) -> Answers:
    """The answers as they are kept, see ``written``.

    Raises ImpossibleAnswers naming every item that is missing, impossible or unknown.
    """
    found = problems(instrument, answers)
    if found or not isinstance(answers, Mapping):
        raise ImpossibleAnswers(found)
    fields = instrument.fields
    return {
        code: written(fields[code], value) if code in fields else value
        for code, value in answers.items()
    }


def written(field: FieldOfForm, value: object) -> Any:
    """A background answer as it is kept: the letter of a diagnosis code is a capital."""
    if field.kind != "codes" or not isinstance(value, list | tuple):
        return value
    return [_code(field, one) if isinstance(one, str) else one for one in value]


def _code(field: FieldOfForm, text: str) -> str:
    code = text.upper()
    return code if ICD.fullmatch(code) or code in _listed(field) else text


def problems(instrument: Instrument, answers: object) -> list[Problem]:
    """Everything missing, impossible or unknown in the answers, in the order of the form."""
    if not isinstance(answers, Mapping):
        return [Problem("", "答案应该是一个对象，例如 {“B.1.1”: 4}")]
    return [
        *_of_items(instrument, answers),
        *_of_background(instrument, answers),
        *(
            Problem(str(code), "量表里没有这一项")
            for code in answers
            if code not in instrument.items and code not in instrument.fields
        ),
    ]


def unanswered(instrument: Instrument, answers: Answers) -> list[Problem]:
    """Background fields the result may rest on that nobody answered yet.

    Scoring takes them as nothing to report; an assessment may not end without them.
    """
    return [
        Problem(field.code, f"{field.name}：还没有填")
        for field in instrument.fields.values()
        if field.needed and answers.get(field.code) is None
    ]


def choices(item: Item) -> str:
    """What may be answered, in words: 0、1、2；“coma”."""
    if item.number:
        span = item.number
        return f"{span.low} 到 {span.high}，每 {span.step} 一档"
    points = "、".join(str(points) for points in dict.fromkeys(item.points))
    codes = "、".join(f"“{option.code}”" for option in item.options if option.code)
    return f"{points}、{codes}" if codes else points


def item_problem(item: Item, value: object) -> str | None:
    """What is wrong with one answer to one item, or None."""
    if value is None:
        return f"{item.name}：没有填"
    if position(item, value) is None:
        return f"{item.name}：不能填 {_shown(value)}，可以填 {choices(item)}"
    return None


def _of_items(instrument: Instrument, answers: Answers) -> Iterator[Problem]:
    for code, item in instrument.items.items():
        wrong = item_problem(item, answers.get(code))
        if wrong:
            yield Problem(code, wrong)


def _of_background(instrument: Instrument, answers: Answers) -> Iterator[Problem]:
    for code, field in instrument.fields.items():
        if answers.get(code) is not None:
            wrong = field_problem(field, answers[code])
            if wrong:
                yield Problem(code, f"{field.name}：{wrong}")


def field_problem(field: FieldOfForm, value: object) -> str | None:
    """What is wrong with one background answer, or None."""
    if field.kind == "flag":
        return None if isinstance(value, bool) else "只能填 true 或 false"
    if field.kind == "text":
        return None if isinstance(value, str) and len(value) <= 500 else "要填文字，最多 500 字"
    if field.kind == "number":
        return _number_problem(field, value)
    if field.kind == "one":
        known = isinstance(value, str) and value in field.choices
        return None if known else f"不能填 {_shown(value)}，可以填 {'、'.join(field.choices)}"
    if field.kind == "counts":
        return _counts_problem(field, value)
    return _list_problem(field, value)


def _list_problem(field: FieldOfForm, value: object) -> str | None:
    if not isinstance(value, list | tuple):
        return "要填一个列表，没有就填 []"
    coded = field.kind == "codes"
    known = set(field.choices) if field.kind == "many" else _listed(field)
    wrong = [
        one
        for one in written(field, value)
        if not (isinstance(one, str) and (one in known or (coded and ICD.fullmatch(one))))
    ]
    if not wrong:
        return None
    say = "要填疾病编码（ICD-10，如 F00）或表里的名称" if coded else "表里没有"
    return f"{say}：{'、'.join(map(_shown, wrong))}"


def _number_problem(field: FieldOfForm, value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "要填数字"
    low, high = field.low, field.high
    if (low is not None and value < low) or (high is not None and value > high):
        return f"要在 {low} 到 {high} {field.unit}之间"
    return None


def _counts_problem(field: FieldOfForm, value: object) -> str | None:
    if not isinstance(value, Mapping):
        return f"要填各类的次数，例如 {{“{field.choices[0]}”: 0}}"
    for name, count in value.items():
        if name not in field.choices:
            return f"没有“{name}”这一类，有：{'、'.join(field.choices)}"
        if type(count) is not int or not 0 <= count <= MOST_EVENTS:
            return f"“{name}”的次数不能是 {_shown(count)}，要填 0 到 {MOST_EVENTS}"
    return None


def _listed(field: FieldOfForm) -> set[str]:
    return {name for one in field.listed for name in (one.name, one.code) if name}


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = f"“{value}”" if isinstance(value, str) else str(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
