"""What an instrument is made of: items with options, scoring, change rules, background tables.

Data only. Options of an item are ordered from best to worst; an answer file holds an option's
points.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.\-]+$", max_length=20)]
Span = tuple[int, int]  # lowest and highest, both included


class Part(BaseModel):
    """Base of everything in an instrument file: frozen, and a misspelt name is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Option(Part):
    """One answer to an item. ``code`` tells options with the same points apart."""

    points: int
    text: str
    code: Code | None = None


class Number(Part):
    """An item answered by a number instead of an option."""

    low: int
    high: int
    step: int = Field(default=1, gt=0)
    worse: Literal["lower", "higher"] = "lower"

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.low >= self.high:
            raise ValueError("low must be below high")
        return self


class Item(Part):
    """One question. It has its own options, or those of a named set, or takes a number."""

    code: Code
    name: str
    scope: str = ""
    option_set: str | None = None
    options: tuple[Option, ...] = ()
    number: Number | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (bool(self.options) or self.option_set is not None) == (self.number is not None):
            raise ValueError("an item has either options or a number")
        codes = [option.code for option in self.options if option.code]
        if len(set(codes)) != len(codes):
            raise ValueError("an option code appears twice")
        for points in {option.points for option in self.options}:
            same = [option for option in self.options if option.points == points]
            if any(option.code is None for option in same[1:]):
                raise ValueError("of options with the same points, all but the first need a code")
        return self

    @property
    def points(self) -> tuple[int, ...]:
        """Points in the order of the options; for a number its ends."""
        if self.number:
            return (self.number.low, self.number.high)
        return tuple(option.points for option in self.options)


class Section(Part):
    """Items whose points add up to one score."""

    code: Code
    name: str
    max: int
    items: tuple[Item, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if all(item.points for item in self.items) and self.highest != self.max:
            raise ValueError(f"the items of {self.code} add up to {self.highest}, not {self.max}")
        return self

    @property
    def highest(self) -> int:
        """The greatest score the items can give."""
        return sum(max(item.points) for item in self.items)

    @property
    def lowest(self) -> int:
        """The smallest score the items can give."""
        return sum(min(item.points) for item in self.items)


class Level(Part):
    """A result in words: the standard's name, a short one, and what it means in plain language."""

    level: int = Field(ge=0)
    name: str
    short: str = ""
    meaning: str = ""


class Band(Part):
    """Totals that give one level."""

    level: int = Field(ge=0)
    low: int = Field(alias="from")
    high: int = Field(alias="to")


class GradeBand(Part):
    """Scores of a section that give one grade; 0 is best."""

    grade: int = Field(ge=0)
    low: int = Field(alias="from")
    high: int = Field(alias="to")
    name: str


class SumScoring(Part):
    """The level follows from the total."""

    method: Literal["sum"]
    verified: bool
    bands: tuple[Band, ...] = Field(min_length=1)


class Table(Part):
    """Levels by the grade of one section (rows) and the worst grade of others (columns)."""

    rows: str
    columns_worst_of: tuple[str, ...] = Field(min_length=1)
    levels: tuple[tuple[int, ...], ...] = Field(min_length=1)


class Test(Part):
    """A condition on grades: all of the sections, or any of them, lie in a span."""

    of: tuple[str, ...] = Field(min_length=1)
    all: Span | None = None
    any: Span | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.all is None) == (self.any is None):
            raise ValueError("a condition says either all or any")
        return self


class Case(Part):
    """A level with its conditions; the first case whose conditions all hold decides."""

    level: int = Field(ge=0)
    when: tuple[Test, ...]


class CombinationScoring(Part):
    """Each section gets a grade from its score; the grades give the level."""

    method: Literal["combination"]
    verified: bool
    grades: dict[str, tuple[GradeBand, ...]]
    table: Table | None = None
    cases: tuple[Case, ...] = ()

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.cases) == (self.table is not None):
            raise ValueError("a combination has either a table or cases")
        if self.cases and self.cases[-1].when:
            raise ValueError("the last case must hold for everything else: when: []")
        return self


class Trigger(Part):
    """When a change rule applies: exactly one kind of evidence."""

    flag: str | None = None
    codes: str | None = None
    within: tuple[Annotated[str, Field(pattern=r"^[A-Z]\d\d(-[A-Z]\d\d)?$")], ...] = ()
    counts: str | None = None
    at_least: int | None = Field(default=None, ge=1)
    item: str | None = None
    option: str | None = None
    any: tuple[Trigger, ...] = ()

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [self.flag, self.codes, self.counts, self.item, self.any or None]
        if sum(kind is not None for kind in kinds) != 1:
            raise ValueError("a trigger has one of flag, codes, counts, item, any")
        pairs = (
            (self.codes, bool(self.within), "codes needs within"),
            (self.counts, self.at_least is not None, "counts needs at_least"),
            (self.item, self.option is not None, "item needs option"),
        )
        for kind, given, message in pairs:
            if (kind is not None) != given:
                raise ValueError(message)
        return self

    def leaves(self) -> tuple[Trigger, ...]:
        """The single conditions, one of which is enough."""
        return tuple(leaf for part in self.any for leaf in part.leaves()) if self.any else (self,)


class ChangeRule(Part):
    """A rule that moves the level: to a fixed one, or up by some."""

    code: Code
    name: str
    when: Trigger
    set_level: int | None = None
    raise_by: int | None = Field(default=None, alias="raise", ge=1)
    reason: str

    @model_validator(mode="after")
    def _one_effect(self) -> Self:
        if (self.set_level is None) == (self.raise_by is None):
            raise ValueError("a change rule has either set_level or raise")
        return self


class Changes(Part):
    """All change rules. Raising rules together raise by ``raise_at_most`` at most."""

    clause: str
    raise_at_most: int = Field(ge=1)
    raise_at_most_verified: bool
    rules: tuple[ChangeRule, ...]


class Listed(Part):
    """A disease of the form's list; ``code`` is an ICD-10 code or range, where it has one."""

    name: str
    code: str = ""


class FieldOfForm(Part):
    """One background question. ``needed`` ones must be answered before an assessment ends."""

    code: Code
    name: str
    kind: Literal["text", "number", "one", "many", "counts", "codes", "flag"]
    choices: tuple[str, ...] = ()
    listed: tuple[Listed, ...] = ()
    unit: str = ""
    low: int | None = None
    high: int | None = None
    needed: bool = False
    verified: bool = True

    @model_validator(mode="after")
    def _has_choices(self) -> Self:
        if (self.kind in {"one", "many", "counts"}) != bool(self.choices):
            raise ValueError("one, many and counts need choices; no other kind has them")
        return self


class BackgroundTable(Part):
    """A table of the form that is not scored."""

    code: Code
    name: str
    fields: tuple[FieldOfForm, ...] = Field(min_length=1)


class GateItem(Part):
    """One line of a self-assessment."""

    code: Code
    name: str


class Gate(Part):
    """A self-assessment that must be passed first: counts of one choice, looked up in a table."""

    name: str
    verified: bool
    choices: tuple[str, ...]
    counts: str
    row_items: tuple[GateItem, ...]
    column_items: tuple[GateItem, ...]
    outcomes: tuple[tuple[str, ...], ...]
    passes: tuple[str, ...]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.counts not in self.choices:
            raise ValueError("counts must be one of the choices")
        shape = (len(self.row_items) + 1, len(self.column_items) + 1)
        if len(self.outcomes) != shape[0] or any(len(row) != shape[1] for row in self.outcomes):
            raise ValueError(f"outcomes must be a table of {shape[0]} x {shape[1]}")
        return self


class ReportField(Part):
    """A line of the report, and what it shows."""

    code: Code
    name: str
    shows: Literal[
        "scores", "total", "grades", "initial_level", "changes", "final_level",
        "assessors", "information_provider"]  # fmt: skip


class AfterEvents(Part):
    """So many risk events within so many days make a re-assessment due."""

    count: int = Field(ge=1)
    within_days: int = Field(ge=1)
    due_in_days: int = Field(ge=0)


class Process(Part):
    """Numbers of the process: local practice, changed without code."""

    verified: bool
    assessors: int = Field(default=2, ge=1, le=4)
    medical_at_least: int = Field(default=1, ge=0)
    valid_months: int = Field(ge=1)
    due_days_before: int = Field(default=60, ge=0)
    review_percent: int = Field(default=0, ge=0, le=100)
    publicity_days: int = Field(default=0, ge=0)
    appeal_days: int = Field(default=0, ge=0)
    after_risk_events: AfterEvents | None = None
    after_hospital_days: int | None = None
    after_coma_days: int | None = None
