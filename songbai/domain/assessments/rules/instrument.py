"""One version of one instrument, and the checks that look at it as a whole: codes, bands, tables,
what rules refer to. Its files are read and checked; what is wrong is told with its line.
"""

from collections.abc import Iterator
from functools import cache, cached_property, reduce
from itertools import pairwise
from math import gcd
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from songbai.core.yaml_file import LOADER

from . import parts


class Instrument(parts.Part):
    """One version of one instrument, checked as a whole."""

    code: parts.Code
    standard: str
    version: str
    title: str
    result: str
    fact: Literal["ability_level", "ltci_grade"] | None
    verified: bool
    wording_verified: bool
    retired: bool = False
    option_sets: dict[str, tuple[parts.Option, ...]] = {}
    sections: tuple[parts.Section, ...] = Field(min_length=1)
    levels: tuple[parts.Level, ...] = Field(min_length=2)
    scoring: Annotated[parts.SumScoring | parts.CombinationScoring, Field(discriminator="method")]
    changes: parts.Changes | None = None
    background: tuple[parts.BackgroundTable, ...] = ()
    gate: parts.Gate | None = None
    report: tuple[parts.ReportField, ...] = ()
    process: parts.Process

    @model_validator(mode="before")
    @classmethod
    def _spread_option_sets(cls, raw: Any) -> Any:
        """Items that name an option set get its options, so that their sums can be checked."""
        return _spread(raw)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        found = _faults(self)
        if found:
            raise ValueError("; ".join(found))
        return self

    @cached_property
    def items(self) -> dict[str, parts.Item]:
        """Items by code, in their order."""
        return {item.code: item for section in self.sections for item in section.items}

    @cached_property
    def fields(self) -> dict[str, parts.FieldOfForm]:
        """Background fields by code, in their order."""
        return {field.code: field for table in self.background for field in table.fields}

    @property
    def ceiling(self) -> int:
        """The highest level."""
        return len(self.levels) - 1

    def level(self, number: int) -> parts.Level:
        """A level's words."""
        return self.levels[number]

    def highest_total(self) -> int:
        """The greatest total the items can give."""
        return sum(section.highest for section in self.sections)


def _spread(raw: Any) -> Any:
    """Raw data in which items that name an option set carry its options; input is not changed.

    An unknown name is left as it is: the item is then refused for having no options.
    """
    if not isinstance(raw, dict) or not isinstance(raw.get("sections"), list | tuple):
        return raw
    sets = raw.get("option_sets") or {}

    def item(entry: Any) -> Any:
        if isinstance(entry, dict) and "options" not in entry and entry.get("option_set") in sets:
            return {**entry, "options": sets[entry["option_set"]]}
        return entry

    def section(entry: Any) -> Any:
        if isinstance(entry, dict) and isinstance(entry.get("items"), list | tuple):
            return {**entry, "items": [item(one) for one in entry["items"]]}
        return entry

    return {**raw, "sections": [section(entry) for entry in raw["sections"]]}


def _faults(instrument: Instrument) -> list[str]:
    """Everything that does not fit together, in words; empty for a sound instrument."""
    checks = [lambda one: [*_codes(one), *_levels(one)], _scoring]
    if instrument.changes:
        checks.append(_changes)
    for check in checks:  # what follows rests on what came before
        found = list(check(instrument))
        if found:
            return found
    return []


def _codes(instrument: Instrument) -> Iterator[str]:
    for kind, codes in (
        ("section", [section.code for section in instrument.sections]),
        ("item", [item.code for section in instrument.sections for item in section.items]),
        ("field", [field.code for table in instrument.background for field in table.fields]),
    ):
        for code in sorted({code for code in codes if codes.count(code) > 1}):
            yield f"{kind} {code} appears twice"
    for section in instrument.sections:
        for item in section.items:
            if not item.options and item.number is None:
                yield f"item {item.code}: no option set is called {item.option_set}"


def _levels(instrument: Instrument) -> Iterator[str]:
    if [level.level for level in instrument.levels] != list(range(len(instrument.levels))):
        yield "levels must count up from 0"


def _scoring(instrument: Instrument) -> Iterator[str]:
    scoring = instrument.scoring
    if isinstance(scoring, parts.SumScoring):
        bands = [(band.low, band.high) for band in scoring.bands]
        low = sum(section.lowest for section in instrument.sections)
        step = reduce(gcd, map(_step, instrument.sections))
        wrong = _gaps(bands, low, instrument.highest_total(), step)
        if wrong:
            yield wrong
        levels = {band.level for band in scoring.bands}
    else:
        yield from _grades(instrument, scoring)
        rows = scoring.table.levels if scoring.table else ()
        levels = {level for row in rows for level in row} | {one.level for one in scoring.cases}
    for level in sorted(levels - {level.level for level in instrument.levels}):
        yield f"there is no level {level}"


def _grades(instrument: Instrument, scoring: parts.CombinationScoring) -> Iterator[str]:
    sections = {section.code: section for section in instrument.sections}
    if set(scoring.grades) != set(sections):
        yield "every section needs its grades, and no other"
        return
    for code, bands in scoring.grades.items():
        section = sections[code]
        spans = [(band.low, band.high) for band in bands]
        wrong = _gaps(spans, section.lowest, section.highest, _step(section))
        if wrong:
            yield f"section {code}: {wrong}"
        if sorted(band.grade for band in bands) != list(range(len(bands))):
            yield f"section {code}: grades must count up from 0"
    yield from _table(scoring, set(sections))


def _table(scoring: parts.CombinationScoring, sections: set[str]) -> Iterator[str]:
    table = scoring.table
    named = {code for case in scoring.cases for test in case.when for code in test.of}
    named |= {table.rows, *table.columns_worst_of} if table else set()
    for code in sorted(named - sections):
        yield f"there is no section {code}"
    if table and named <= sections:
        rows = len(scoring.grades[table.rows])
        columns = max(len(scoring.grades[code]) for code in table.columns_worst_of)
        if len(table.levels) != rows or any(len(row) != columns for row in table.levels):
            yield f"the table must have {rows} rows of {columns} levels"


def _step(section: parts.Section) -> int:
    """The greatest step that all scores of a section keep."""
    steps = [
        item.number.step if item.number else points - item.points[0]
        for item in section.items
        for points in (item.points if not item.number else (0,))
    ]
    return reduce(gcd, steps) or 1


def _changes(instrument: Instrument) -> Iterator[str]:
    assert instrument.changes  # noqa: S101  # for the type checker; the caller asked
    codes = [rule.code for rule in instrument.changes.rules]
    if len(set(codes)) != len(codes):
        yield "a change rule appears twice"
    for rule in instrument.changes.rules:
        if rule.set_level is not None and rule.set_level > instrument.ceiling:
            yield f"rule {rule.code}: there is no level {rule.set_level}"
        for leaf in rule.when.leaves():
            wrong = _evidence(instrument, leaf)
            if wrong:
                yield f"rule {rule.code}: {wrong}"


def _evidence(instrument: Instrument, leaf: parts.Trigger) -> str | None:
    if leaf.item is not None:
        item = instrument.items.get(leaf.item)
        known = {option.code for option in item.options} if item else set()
        return None if leaf.option in known else f"{leaf.item} has no option {leaf.option}"
    for kind in ("flag", "codes", "counts"):
        code = getattr(leaf, kind)
        if code is not None:
            field = instrument.fields.get(code)
            if field is None or field.kind != kind:
                return f"{code} is no field of kind {kind}"
    return None


def _gaps(bands: list[tuple[int, int]], low: int, high: int, step: int = 1) -> str | None:
    """What is wrong with spans that should cover ``low`` to ``high`` once; None when nothing is."""
    ordered = sorted(bands)
    if ordered[0][0] != low or ordered[-1][1] != high:
        return f"the bands cover {ordered[0][0]} to {ordered[-1][1]}, not {low} to {high}"
    for (_, end), (begin, _) in pairwise(ordered):
        if not end < begin <= end + step:
            return f"between {end} and {begin} the bands leave a gap or overlap"
    return None


FOLDER = Path(__file__).resolve().parents[4] / "catalogues" / "instruments"


class WrongInstrument(ValueError):
    """An instrument file that cannot be used; the message names every line at fault."""


class UnknownInstrument(LookupError):
    """No file holds an instrument of this code."""


def parse(text: str, name: str = "instrument") -> Instrument:
    """The instrument a YAML text describes; ``name`` is used in messages.

    Raises WrongInstrument, naming each line at fault.
    """
    try:
        node = yaml.compose(text, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise WrongInstrument(f"{name}:{line}: {error.problem}") from error
    if not isinstance(node, yaml.MappingNode):
        raise WrongInstrument(f"{name}:1: not a mapping")
    twice = [f"{name}:{line}: {key} is given twice" for line, key in _doubles(node)]
    if twice:
        raise WrongInstrument("\n".join(twice))
    try:
        return Instrument.model_validate(
            yaml.constructor.SafeConstructor().construct_document(node)
        )
    except ValidationError as error:
        lines = [
            f"{name}:{_line(node, problem['loc'])}: {_path(problem['loc'])}{problem['msg']}"
            for problem in error.errors()
        ]
        raise WrongInstrument("\n".join(lines)) from error


@cache
def load_all(folder: Path = FOLDER) -> dict[str, Instrument]:
    """Every instrument of a folder, by code; current ones first, then by code.

    Raises WrongInstrument.
    """
    found: dict[str, Instrument] = {}
    for path in sorted(folder.glob("*.yaml")):
        one = parse(path.read_text("utf-8"), path.name)
        if one.code in found:
            raise WrongInstrument(f"{path.name}:1: the code {one.code} belongs to another file")
        found[one.code] = one
    return dict(sorted(found.items(), key=lambda pair: (pair[1].retired, pair[0])))


def load(code: str, folder: Path = FOLDER) -> Instrument:
    """One instrument. Raises UnknownInstrument naming those there are, WrongInstrument."""
    known = load_all(folder)
    if code not in known:
        raise UnknownInstrument(f"没有量表“{code}”。现有：{'、'.join(known)}")
    return known[code]


def _doubles(node: yaml.Node) -> Iterator[tuple[int, str]]:
    if isinstance(node, yaml.SequenceNode):
        for child in node.value:
            yield from _doubles(child)
    elif isinstance(node, yaml.MappingNode):
        seen = set()
        for key, child in node.value:
            if key.value in seen:
                yield key.start_mark.line + 1, key.value
            seen.add(key.value)
            yield from _doubles(child)


def _line(node: yaml.Node, path: tuple[int | str, ...]) -> int:
    """The line of the deepest part of a path that the file really has."""
    for step in path:
        below: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            below = next((child for key, child in node.value if key.value == str(step)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            below = node.value[step] if step < len(node.value) else None
        if below is not None:
            node = below
    return int(node.start_mark.line) + 1


def _path(path: tuple[int | str, ...]) -> str:
    return f"{'.'.join(str(step) for step in path)}: " if path else ""
