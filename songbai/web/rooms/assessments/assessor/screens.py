"""The form as screens for one hand: one scored item a screen, one background table a screen."""

import json
from dataclasses import dataclass
from typing import Any

from songbai.domain.assessments.rules.instrument import Instrument
from songbai.domain.assessments.rules.parts import FieldOfForm, Item


@dataclass(frozen=True)
class Choice:
    """One big button: what it says, and the answer it gives as JSON."""

    words: str
    value: str
    points: int | None = None


@dataclass(frozen=True)
class Question:
    """One question of the form."""

    code: str
    name: str
    kind: str
    needed: bool
    verified: bool
    scope: str = ""
    unit: str = ""
    low: int | None = None
    high: int | None = None
    step: int = 1
    choices: tuple[Choice, ...] = ()
    none: Choice | None = None
    """The button for nothing to report."""


@dataclass(frozen=True)
class Screen:
    """What is shown at a time; ``part`` is the section or table it counts for."""

    code: str
    title: str
    part: str
    questions: tuple[Question, ...]
    scored: bool


@dataclass(frozen=True)
class Part:
    """A section or table of the form: what progress is counted by."""

    code: str
    name: str
    first: str
    scored: bool


def screens_of(instrument: Instrument) -> list[Screen]:
    """All screens: the scored items first, then the background tables, in the form's order."""
    items = [
        Screen(item.code, item.name, section.code, (question_of(item),), scored=True)
        for section in instrument.sections
        for item in section.items
    ]
    tables = [
        Screen(table.code, table.name, table.code, tuple(map(_asked, table.fields)), scored=False)
        for table in instrument.background
    ]
    return items + tables


def parts_of(instrument: Instrument) -> list[Part]:
    """Sections and tables, each with its first screen."""
    sections = [Part(s.code, s.name, s.items[0].code, scored=True) for s in instrument.sections]
    tables = [Part(t.code, t.name, t.code, scored=False) for t in instrument.background]
    return sections + tables


def question_of(item: Item) -> Question:
    """A scored item: its options with the instrument's own wording, or a number."""
    choices = tuple(
        Choice(option.text, json.dumps(option.code or option.points), option.points)
        for option in item.options
    )
    span = item.number
    return Question(
        code=item.code,
        name=item.name,
        kind="number" if span else "one",
        needed=True,
        verified=True,
        scope=item.scope,
        low=span.low if span else None,
        high=span.high if span else None,
        step=span.step if span else 1,
        choices=choices,
    )


def _asked(field: FieldOfForm) -> Question:
    return Question(
        code=field.code,
        name=field.name,
        kind=field.kind,
        needed=field.needed,
        verified=field.verified,
        unit=field.unit,
        low=field.low,
        high=field.high,
        choices=_choices(field),
        none=_nothing(field),
    )


def _choices(field: FieldOfForm) -> tuple[Choice, ...]:
    if field.kind == "flag":
        return (Choice("没有", "false"), Choice("有", "true"))
    if field.kind == "codes":
        return tuple(
            Choice(f"{one.name}（{one.code}）" if one.code else one.name, _json(one.name))
            for one in field.listed
        )
    return tuple(Choice(words, _json(words)) for words in field.choices)


def _nothing(field: FieldOfForm) -> Choice | None:
    if field.kind == "counts":
        return Choice("都没有发生过", "{}")
    if field.kind == "codes":
        return Choice("没有确诊的病", "[]")
    return None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def name_of(instrument: Instrument, code: str) -> str:
    """A question's name."""
    asked = instrument.items.get(code) or instrument.fields.get(code)
    return asked.name if asked else code
