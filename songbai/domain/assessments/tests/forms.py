"""Random and chosen answers to any instrument."""

from typing import Any

from hypothesis import strategies as st

from songbai.domain.assessments.rules.instrument import Instrument, load, load_all
from songbai.domain.assessments.rules.parts import FieldOfForm, Item

INSTRUMENTS = load_all()
GBT, LTCI, OLD = (load(code) for code in ("gbt42195-2022", "ltci-2021", "mzt039-2013"))
DIAGNOSES = ["F00", "F01.2", "F32", "F99", "I10", "G30.9", "Z99"]


def values(item: Item) -> list[int | str]:
    """Every answer an item has, from best to worst."""
    if item.number:
        span = item.number
        up: list[int | str] = list(range(span.low, span.high + 1, span.step))
        return up[::-1] if span.worse == "lower" else up
    return [option.code or option.points for option in item.options]


def best(instrument: Instrument = GBT) -> dict[str, Any]:
    """Everything at its best, nothing to report."""
    return {code: values(item)[0] for code, item in instrument.items.items()}


def worst(instrument: Instrument = GBT) -> dict[str, Any]:
    """Everything at its worst."""
    return {code: values(item)[-1] for code, item in instrument.items.items()}


def totalling(total: int) -> dict[str, Any]:
    """Answers to GB/T 42195 with this total (awake as long as that is possible)."""
    answers = best()
    missing = 90 - total
    for code in answers:
        taken = min(missing, max(GBT.items[code].points))
        answers[code], missing = max(GBT.items[code].points) - taken, missing - taken
    return answers


def background(field: FieldOfForm) -> st.SearchStrategy[Any]:
    """An answer to one background field."""
    if field.kind == "flag":
        return st.booleans()
    if field.kind == "counts":
        return st.dictionaries(st.sampled_from(field.choices), st.integers(0, 3))
    if field.kind == "codes":
        listed = [name for one in field.listed for name in (one.name, one.code) if name]
        return st.lists(st.sampled_from(DIAGNOSES + listed), max_size=4)
    if field.kind == "one":
        return st.sampled_from(field.choices)
    if field.kind == "many":
        return st.lists(st.sampled_from(field.choices), unique=True)
    return st.integers(100, 180) if field.kind == "number" else st.text(max_size=20)


def answers(instrument: Instrument) -> st.SearchStrategy[dict[str, Any]]:
    """Complete answers, some background left out."""
    asked = {code: st.sampled_from(values(item)) for code, item in instrument.items.items()}
    kinds = {"flag", "counts", "codes", "one", "many"}
    optional = {c: background(f) for c, f in instrument.fields.items() if f.kind in kinds}
    return st.fixed_dictionaries(asked, optional=optional)
