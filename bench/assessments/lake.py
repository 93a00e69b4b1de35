"""Scores of a whole population: one Ibis expression for each instrument, made from its data file.

The expression says what ``rules.scoring`` says; a test compares them on random answers.
"""

from __future__ import annotations

from functools import reduce
from operator import add, and_, or_
from typing import TYPE_CHECKING

import ibis

from songbai.domain.assessments.rules.instrument import Instrument
from songbai.domain.assessments.rules.parts import (
    CombinationScoring,
    Item,
    SumScoring,
    Test,
    Trigger,
)
from songbai.domain.assessments.rules.scoring import within

if TYPE_CHECKING:
    from ibis.expr.types import ArrayValue, BooleanValue, IntegerValue, JSONValue, Table, Value


def scored(instrument: Instrument, rows: Table) -> Table:
    """``rows`` with scores and levels.

    ``rows`` has ``choices`` (array of integers) and ``background`` (JSON or text) as kept by
    ``rules.stored``; all its columns stay. New columns: ``score_<section>``, ``total``,
    ``initial_level``, ``final_level``; all of them null where a choice is missing or impossible.
    """
    points, sound = {}, []
    for place, (code, item) in enumerate(instrument.items.items()):
        chosen: IntegerValue = rows.choices[place].cast("int32")
        points[code] = _points(item, chosen)
        sound.append(_possible(item, chosen))
    whole = reduce(and_, sound) & (rows.choices.length() == len(sound))
    scores = {
        f"score_{section.code}": ibis.cases(
            (whole, reduce(add, [points[item.code] for item in section.items]))
        )
        for section in instrument.sections
    }
    told = _told(instrument, rows)  # once for each field: reading JSON is what costs here
    rows = rows.mutate(**scores, **told)
    rows = rows.mutate(total=reduce(add, [rows[name] for name in scores]))
    rows = rows.mutate(initial_level=_level(instrument, rows))
    return rows.mutate(final_level=_changed(instrument, rows)).drop(*told)


def _told(instrument: Instrument, rows: Table) -> dict[str, Value]:
    """Columns with the background that change rules look at, by a name of their own."""
    rules = instrument.changes.rules if instrument.changes else ()
    leaves = [leaf for rule in rules for leaf in rule.when.leaves()]
    kinds = {leaf.flag or leaf.counts or leaf.codes: leaf for leaf in leaves if leaf.item is None}
    background: JSONValue = rows.background.cast("json")
    found: dict[str, Value] = {}
    for name, leaf in kinds.items():
        told = background[name or ""]
        if leaf.flag is not None:
            found[f"_{name}"] = told.cast("boolean").fill_null(False)
        elif leaf.counts is not None:
            found[f"_{name}"] = told.cast("map<string, int32>").values().sums().fill_null(0)
        else:
            found[f"_{name}"] = told.cast("array<string>")
    return found


def _points(item: Item, chosen: IntegerValue) -> IntegerValue:
    """The points of a chosen option: a subtraction where the steps are even, else a lookup."""
    if item.number:
        return chosen
    points = item.points
    step = points[0] - points[1]
    if all(points[0] - step * place == value for place, value in enumerate(points)):
        return points[0] - chosen * step
    return chosen.cases(*enumerate(points))


def _possible(item: Item, chosen: IntegerValue) -> BooleanValue:
    if item.number:
        span = item.number
        return chosen.between(span.low, span.high) & ((chosen - span.low) % span.step == 0)
    return chosen.between(0, len(item.options) - 1)


def _level(instrument: Instrument, rows: Table) -> IntegerValue:
    scoring = instrument.scoring
    if isinstance(scoring, SumScoring):
        bands = [(rows.total.between(b.low, b.high), b.level) for b in scoring.bands]
        return ibis.cases(*bands)
    grades = {
        code: ibis.cases(*((rows[f"score_{code}"].between(b.low, b.high), b.grade) for b in bands))
        for code, bands in scoring.grades.items()
    }
    return _combined(scoring, grades)


def _combined(scoring: CombinationScoring, grades: dict[str, IntegerValue]) -> IntegerValue:
    if scoring.table:
        row = grades[scoring.table.rows]
        others = [grades[code] for code in scoring.table.columns_worst_of]
        worst = ibis.greatest(*others) if len(others) > 1 else others[0]
        cells = [
            ((row == i) & (worst == j), level)
            for i, levels in enumerate(scoring.table.levels)
            for j, level in enumerate(levels)
        ]
        return ibis.cases(*cells)
    known = reduce(and_, [grade.notnull() for grade in grades.values()])
    return ibis.cases(
        *(
            (reduce(and_, [_holds(test, grades) for test in case.when], known), case.level)
            for case in scoring.cases
        )
    )


def _holds(test: Test, grades: dict[str, IntegerValue]) -> BooleanValue:
    if test.all:
        return reduce(and_, [grades[code].between(*test.all) for code in test.of])
    low, high = test.any or (0, 0)
    return reduce(or_, [grades[code].between(low, high) for code in test.of])


def _changed(instrument: Instrument, rows: Table) -> IntegerValue:
    """The level after change rules: a set level first, then what raises, up to the ceiling."""
    level: IntegerValue = rows.initial_level
    if instrument.changes is None:
        return level
    raised: IntegerValue = ibis.literal(0)
    for rule in instrument.changes.rules:
        leaves = [_evidence(instrument, leaf, rows) for leaf in rule.when.leaves()]
        holds = reduce(or_, leaves).fill_null(False)
        if rule.set_level is not None:
            level = holds.ifelse(ibis.greatest(level, rule.set_level), level)
        else:
            raised += holds.ifelse(rule.raise_by, 0)
    most = ibis.least(raised, instrument.changes.raise_at_most)
    return rows.initial_level.isnull().ifelse(
        ibis.null("int32"), ibis.least(level + most, instrument.ceiling)
    )


def _evidence(instrument: Instrument, leaf: Trigger, rows: Table) -> BooleanValue:
    if leaf.item is not None:
        codes = [option.code for option in instrument.items[leaf.item].options]
        return rows.choices[list(instrument.items).index(leaf.item)] == codes.index(leaf.option)
    name = leaf.flag or leaf.counts or leaf.codes or ""
    told = rows[f"_{name}"]
    if leaf.flag is not None:
        return told
    if leaf.counts is not None:
        return told >= leaf.at_least
    listed = {
        value: one.code
        for one in instrument.fields[name].listed
        for value in (one.name, one.code)
        if value
    }
    return _any_code(told, leaf, listed)


def _any_code(codes: ArrayValue, leaf: Trigger, listed: dict[str, str]) -> BooleanValue:
    """Whether any diagnosis lies in the trigger's ranges; names of the form's list have theirs."""
    spans = [(span[:3], span[-3:]) for span in leaf.within]
    inside = [v for v, code in listed.items() if any(within(code, span) for span in leaf.within)]
    # Ranges of the form's list that begin inside but reach outside.
    across = [v for v in listed if v not in inside and any(a <= v[:3] <= b for a, b in spans)]
    hits = codes.filter(
        lambda code: (
            reduce(or_, [code.substr(0, 3).between(*span) for span in spans]) & code.notin(across)
            | code.isin(inside)
        )
    )
    return (hits.length() > 0).fill_null(False)
