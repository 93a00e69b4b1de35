"""What caregivers measure: units, what is possible, what is dangerous. Pure.

The limits stand in ``service_items.yaml`` under ``measures`` and say whether they are verified. A
measure that is not listed there is free text.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from songbai.core import yaml_file

from .rules import FILE, WrongCatalogue

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
#: What may stand between and behind the numbers besides the unit.
_BETWEEN = re.compile(r"[\s/,，、;；:：~]|mmHg|mmol/L|ml|cm|℃|°C|度|元|次|分|管|厘米|毫升", re.I)


@dataclass(frozen=True)
class Part:
    """One number of a measure: possible and safe from–to, both ends included."""

    name: str
    unit: str
    possible: tuple[Decimal, Decimal]
    safe: tuple[Decimal, Decimal] | None


@dataclass(frozen=True)
class Measure:
    """A measure of one or more numbers; ``falling``: the first must be above the second."""

    name: str
    parts: tuple[Part, ...]
    falling: bool
    example: str
    advice: str
    verified: bool


@dataclass(frozen=True)
class Reading:
    """What was written, with units. ``problem``: cannot be; ``danger``: what to do now, or ""."""

    text: str
    problem: str = ""
    danger: str = ""


@cache
def measures() -> dict[str, Measure]:
    """All measures of the catalogue by name. Raises WrongCatalogue."""
    return {raw["name"]: _measure(raw) for raw in yaml_file.read(FILE)["measures"]}


def example(name: str) -> str:
    """How it is written, for instance 128/76; empty for free text."""
    return "，".join(measure.example for measure in _asked(name))


def read(name: str, text: str) -> Reading:
    """What was written for a measure, or for several joined by 、 (体温℃、血压mmHg)."""
    known = _asked(name)
    said = unicodedata.normalize("NFKC", text).strip()
    if not known:
        return Reading(said)
    parts = [part for measure in known for part in measure.parts]
    numbers = [Decimal(found) for found in _NUMBER.findall(said)]
    if len(numbers) != len(parts) or _BETWEEN.sub("", _NUMBER.sub("", said)):
        wanted = "、".join(part.name for part in parts)
        return Reading(said, problem=f"请写{wanted}，比如 {example(name)}。")
    for part, number in zip(parts, numbers, strict=True):
        if not part.possible[0] <= number <= part.possible[1]:
            span = f"{part.possible[0]}–{part.possible[1]} {part.unit}"
            return Reading(said, problem=f"{part.name}不会是 {number}（{span}），请再看一次。")
    return _judged(said, known, numbers)


def _asked(name: str) -> list[Measure]:
    """The measures joined in a name; none where one of them is free text."""
    found = [measures().get(part) for part in name.split("、")]
    known = [measure for measure in found if measure is not None]
    return known if len(known) == len(found) else []


def _judged(said: str, known: list[Measure], numbers: list[Decimal]) -> Reading:
    rest, dangers, texts = list(numbers), [], []
    for measure in known:
        mine, rest = rest[: len(measure.parts)], rest[len(measure.parts) :]
        if measure.falling and mine[0] <= mine[1]:
            first, second = measure.parts
            return Reading(said, problem=f"{first.name}要比{second.name}高，请看看有没有写反。")
        dangers += [
            f"{part.name} {number} {part.unit}，要在 {part.safe[0]}–{part.safe[1]} 之间。"
            f"{measure.advice}"
            for part, number in zip(measure.parts, mine, strict=True)
            if part.safe and not part.safe[0] <= number <= part.safe[1]
        ]
        texts.append(_written(measure, mine))
    return Reading("、".join(texts), danger=dangers[0] if dangers else "")


def _written(measure: Measure, numbers: list[Decimal]) -> str:
    """Numbers as they are kept and shown: 142/85 mmHg."""
    units = [part.unit for part in measure.parts]
    if len(set(units)) == 1:
        return f"{'/'.join(map(str, numbers))} {units[0]}".strip()
    return "/".join(f"{number} {unit}" for number, unit in zip(numbers, units, strict=True))


def _measure(raw: dict[str, Any]) -> Measure:
    try:
        parts = tuple(
            Part(
                part["name"],
                part.get("unit", ""),
                _range(part["possible"]),
                _range(part["safe"]) if "safe" in part else None,
            )
            for part in raw["parts"]
        )
        return Measure(
            raw["name"],
            parts,
            bool(raw.get("falling", False)),
            str(raw["example"]),
            raw.get("advice", ""),
            bool(raw["verified"]),
        )
    except KeyError as error:
        raise WrongCatalogue(f"measure {raw.get('name')}: {error} is missing") from error
    except ValueError as error:
        raise WrongCatalogue(f"measure {raw.get('name')}: {error}") from error


def _range(ends: list[Any]) -> tuple[Decimal, Decimal]:
    low, high = (Decimal(str(end)) for end in ends)
    if high < low:
        raise ValueError(f"{low} to {high} is the wrong way round")
    return low, high
