"""Answers checked item by item. All problems are found, not only the first.

How answers are kept: the place of the chosen option for each item, and the background.
Places (0 is the best option) say more than points: options with the same points stay apart. A row
is read with the same version of the instrument that wrote it.

One answer sheet from what several devices sent, in any order, as often as they like.
Each tap names the taps it replaces (those its device had seen for the item). Taps nobody replaced
are the heads of an item; one head is the answer, two heads with different values are a question for
the assessor. Nothing is lost, and the result does not depend on the order of arrival.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

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


@dataclass(frozen=True)
class Stored:
    """``choices`` has one entry per item in the order of the instrument; numbers are themselves."""

    choices: tuple[int, ...]
    background: dict[str, Any]


def encode(instrument: Instrument, answers: object) -> Stored:
    """Checked answers as they are kept. Raises ImpossibleAnswers."""
    given = checked(instrument, answers)
    places = (position(item, given[code]) for code, item in instrument.items.items())
    return Stored(
        choices=tuple(place for place in places if place is not None),
        background={code: given[code] for code in instrument.fields if given.get(code) is not None},
    )


def decode(
    instrument: Instrument, choices: Sequence[int], background: Mapping[str, Any]
) -> Answers:
    """Answers as an answer file holds them; ``encode`` of them gives the same again.

    Raises ValueError for a row of another version: more or fewer choices than items.
    """
    found: dict[str, Any] = {}
    for (code, item), place in zip(instrument.items.items(), choices, strict=True):
        option = None if item.number else item.options[place]
        found[code] = place if option is None else option.code or option.points
    return {**found, **background}


@dataclass(frozen=True)
class Tap:
    """One answer as a device recorded it; ``at`` is the device's own time.

    ``replaces`` are the records that the device had seen for the item.
    """

    record: UUID
    item: str
    value: Any
    device: str
    at: datetime
    replaces: Collection[UUID] = ()


@dataclass(frozen=True)
class Sheet:
    """What holds now: the answers, and items on which devices disagree with their heads."""

    answers: dict[str, Any]
    questions: dict[str, tuple[Tap, ...]]
    heads: dict[str, tuple[UUID, ...]]


def merge(taps: Iterable[Tap]) -> Sheet:
    """The sheet that these taps make together. A questioned item shows its earliest head."""
    known = {tap.record: tap for tap in taps}
    by_item: defaultdict[str, list[Tap]] = defaultdict(list)
    for tap in known.values():
        by_item[tap.item].append(tap)
    answers: dict[str, Any] = {}
    questions: dict[str, tuple[Tap, ...]] = {}
    heads: dict[str, tuple[UUID, ...]] = {}
    for item, all_of_item in sorted(by_item.items()):
        gone = {record for tap in all_of_item for record in tap.replaces if record != tap.record}
        left = [tap for tap in all_of_item if tap.record not in gone]
        if not left:  # taps that replace each other in a circle: no device does that honestly
            left = all_of_item
        left.sort(key=lambda tap: (tap.at, tap.record.bytes))
        answers[item] = left[0].value
        heads[item] = tuple(tap.record for tap in left)
        if any(tap.value != left[0].value for tap in left):
            questions[item] = tuple(left)
    return Sheet(answers, questions, heads)


@dataclass(frozen=True)
class Difference:
    """An item on which two assessors disagree."""

    code: str
    values: tuple[Any, ...]


def differences(sheets: Iterable[dict[str, Any]]) -> list[Difference]:
    """Items and background on which the assessors' sheets are not the same, in order."""
    given = list(sheets)
    codes = dict.fromkeys(code for sheet in given for code in sheet)
    found = [Difference(code, tuple(sheet.get(code) for sheet in given)) for code in codes]
    return [one for one in found if any(value != one.values[0] for value in one.values)]
