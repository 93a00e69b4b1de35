"""From answers to a level, with every step explained.

Whoever disputes a result can follow it: sub-scores add up to the total, the total (or the grades)
gives the initial level, each change says from which level to which, the last is the final level.
"""

from dataclasses import dataclass
from typing import Any

from .answers import Answers, checked, position
from .instrument import Instrument
from .parts import CombinationScoring, SumScoring, Test, Trigger


@dataclass(frozen=True)
class Change:
    """A change rule that applies: why, and the level before and after it."""

    rule: str
    name: str
    reason: str
    before: int
    after: int


@dataclass(frozen=True)
class Result:
    """What the answers come to. ``grades`` is empty for instruments scored by the total alone."""

    instrument: str
    standard: str
    version: str
    scores: dict[str, int]
    total: int
    grades: dict[str, int]
    initial_level: int
    changes: tuple[Change, ...]
    final_level: int
    verified: bool

    def as_json(self) -> dict[str, Any]:
        """The published form: scores, total, initial_level, changes, final_level, verified."""
        return {
            "scores": self.scores,
            "total": self.total,
            "initial_level": self.initial_level,
            "changes": [{"rule": c.rule, "reason": c.reason} for c in self.changes],
            "final_level": self.final_level,
            "verified": self.verified,
        }


def score(instrument: Instrument, answers: object) -> Result:
    """Score answers (points or option codes by item, background by field).

    Background nobody answered counts as nothing to report. Raises ImpossibleAnswers naming every
    item that is missing, impossible or unknown.
    """
    return scored(instrument, checked(instrument, answers))


def scored(instrument: Instrument, answers: Answers) -> Result:
    """As ``score``, for answers that were checked before."""
    scores = {
        section.code: sum(points_of(instrument, item.code, answers) for item in section.items)
        for section in instrument.sections
    }
    total = sum(scores.values())
    scoring = instrument.scoring
    grades = grades_of(scoring, scores) if isinstance(scoring, CombinationScoring) else {}
    initial = level_of(scoring, total, grades)
    changes, settled = _changed(instrument, answers, initial)
    return Result(
        instrument=instrument.code,
        standard=instrument.standard,
        version=instrument.version,
        scores=scores,
        total=total,
        grades=grades,
        initial_level=initial,
        changes=changes,
        final_level=changes[-1].after if changes else initial,
        verified=instrument.verified and scoring.verified and settled,
    )


def points_of(instrument: Instrument, code: str, answers: Answers) -> int:
    """The points of one answered item."""
    value = answers[code]
    if type(value) is int:
        return value  # points are their own answer, and so are numbers
    item = instrument.items[code]
    place = position(item, value)
    assert place is not None  # noqa: S101  # answers were checked
    return item.options[place].points


def grades_of(scoring: CombinationScoring, scores: dict[str, int]) -> dict[str, int]:
    """The grade of each section's score; 0 is best."""
    return {
        code: next(band.grade for band in bands if band.low <= scores[code] <= band.high)
        for code, bands in scoring.grades.items()
    }


def level_of(scoring: SumScoring | CombinationScoring, total: int, grades: dict[str, int]) -> int:
    """The level before change rules."""
    if isinstance(scoring, SumScoring):
        return next(band.level for band in scoring.bands if band.low <= total <= band.high)
    if scoring.table:
        table = scoring.table
        column = max(grades[code] for code in table.columns_worst_of)
        return table.levels[grades[table.rows]][column]
    return next(
        case.level for case in scoring.cases if all(_holds(test, grades) for test in case.when)
    )


def _holds(test: Test, grades: dict[str, int]) -> bool:
    """Whether all, or any, of the named grades lie in the condition's span."""
    if test.all:
        return all(test.all[0] <= grades[code] <= test.all[1] for code in test.of)
    low, high = test.any or (0, 0)
    return any(low <= grades[code] <= high for code in test.of)


def _changed(
    instrument: Instrument, answers: Answers, initial: int
) -> tuple[tuple[Change, ...], bool]:
    """Rules that apply, in order, and whether the result rests on settled rules only.

    A rule that sets a level comes first: what would only raise has nothing to add after it.
    """
    if instrument.changes is None:
        return (), True
    hits = [
        (rule, found)
        for rule in instrument.changes.rules
        if (found := evidence(instrument, rule.when, answers)) is not None
    ]
    level, raised, wanted = initial, 0, 0
    changes = []
    for rule, found in sorted(hits, key=lambda hit: hit[0].set_level is None):
        before, reason = level, rule.reason.replace("{found}", found)
        if rule.set_level is not None:
            level = max(level, rule.set_level)
        else:
            wanted += rule.raise_by or 0
            step = min(rule.raise_by or 0, instrument.changes.raise_at_most - raised)
            raised += step
            level = min(level + step, instrument.ceiling)
            if level == before:
                limit = "已是最高等级" if level == instrument.ceiling else "已因上一条提高"
                reason += f"；{limit}，不再提高"
        changes.append(Change(rule.code, rule.name, reason, before, level))
    # With every rule counted in full, would the level be another one?
    fixed = [rule.set_level for rule, _ in hits if rule.set_level is not None]
    otherwise = min(max([initial, *fixed]) + wanted, instrument.ceiling)
    return tuple(changes), instrument.changes.raise_at_most_verified or otherwise == level


def evidence(instrument: Instrument, trigger: Trigger, answers: Answers) -> str | None:
    """What in the answers meets a trigger, in words; None when nothing does."""
    found = (_evidence(instrument, leaf, answers) for leaf in trigger.leaves())
    return next((words for words in found if words is not None), None)


def _evidence(instrument: Instrument, leaf: Trigger, answers: Answers) -> str | None:
    if leaf.flag is not None:
        return instrument.fields[leaf.flag].name if answers.get(leaf.flag) is True else None
    if leaf.item is not None:
        given = answers.get(leaf.item) == leaf.option
        return instrument.items[leaf.item].name if given else None
    if leaf.counts is not None:
        events = sum((answers.get(leaf.counts) or {}).values())
        return str(events) if events >= (leaf.at_least or 0) else None
    if leaf.codes is None:
        return None
    named = {one.name: one.code for one in instrument.fields[leaf.codes].listed}
    given = answers.get(leaf.codes) or ()
    return "、".join(c for c in given if _within_any(named.get(c, c), leaf.within)) or None


def _within_any(code: str, spans: tuple[str, ...]) -> bool:
    return any(within(code, span) for span in spans)


def within(code: str, span: str) -> bool:
    """Whether an ICD-10 code or range lies in a range: F01.2 and F00-F03 in F00-F03."""
    if not code:
        return False
    first, _, last = span.partition("-")
    begin, _, end = code.partition("-")
    return first <= begin[:3] and (end or begin)[:3] <= (last or first)
