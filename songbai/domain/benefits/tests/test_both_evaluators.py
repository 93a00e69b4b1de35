"""One person in Python and a whole snapshot in SQL say the same, whatever is asked of whom."""

import random
from collections.abc import Sequence
from datetime import date
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from songbai.domain.benefits.rules import Month
from songbai.domain.benefits.rules.facts import FactKind, Kind, Sheet
from songbai.domain.benefits.rules.library import in_force, law
from songbai.domain.benefits.rules.statements import sheet_from
from songbai.domain.benefits.rules.vocabulary import vocabulary
from songbai.domain.elders.rules import ages

from .alike import THOROUGH, assert_alike, assert_packed_alike
from .writing import MONTH, MONTHLY, policy

pytestmark = pytest.mark.slow

ELDER = vocabulary("elder")
REGIONS = ("500151001001", "500152001001", "110101001001", "500151999999", "500110004001")
#: Every example asks an engine; shrinking one would take minutes. The examples are small anyway.
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
DAYS = st.dates(date(1915, 1, 1), date(1970, 12, 31))
#: On the borders of the month, on the leap day, and three that cannot be.
BIRTHS = [date(1946, 6, 1), date(1946, 6, 15), date(1946, 6, 30), date(1936, 2, 29),
          date(2090, 1, 1), date(2026, 7, 1), date(1800, 1, 1)]  # fmt: skip
NEAR = st.dates(date(2025, 5, 1), date(2026, 7, 31))


def value_of(kind: FactKind) -> st.SearchStrategy[Any]:
    """A value of a fact as in JSON, unknown among them."""
    if kind.kind is Kind.BOOL:
        found: st.SearchStrategy[Any] = st.booleans()
    elif kind.kind is Kind.CODE:
        found = st.sampled_from(sorted(kind.codes))
    elif kind.kind is Kind.REGION:
        found = st.sampled_from(REGIONS)
    elif kind.kind is Kind.FEN:
        found = st.integers(0, 200_000) | st.sampled_from([0, 20_000, 30_000, 77_000])
    elif kind.kind is Kind.WHOLE:
        found = st.integers(kind.low, min(kind.high, 45))
    elif kind.key == "birth_date":
        found = (DAYS | st.sampled_from(BIRTHS)).map(str)
    else:
        found = NEAR.map(str)
    return st.none() | found


def dated(kind: FactKind) -> st.SearchStrategy[Any]:
    """A value, or one until some day of the month and another from then on."""
    value = value_of(kind)
    if kind.fixed:
        return value
    spans = st.builds(
        lambda day, before, after: [
            {"value": before, "to": f"2026-06-{day:02d}"},
            {"value": after, "from": f"2026-06-{day + 1:02d}"},
        ],
        st.integers(1, 29),
        value,
        value,
    )
    return st.one_of(value, value, spans)


FACTS = {key: dated(kind) for key, kind in ELDER.items() if not kind.derived_from}


def sheets(keys: Sequence[str], codes: Sequence[str] = ()) -> st.SearchStrategy[Sheet]:
    """Somebody with some of these facts, being paid under some policies."""
    facts = st.fixed_dictionaries({}, optional={key: FACTS[key] for key in keys})
    receiving = st.lists(st.sampled_from(codes), unique=True) if codes else st.just([])
    return st.builds(
        lambda facts, codes: sheet_from({"subject": "elder", "facts": facts, "receiving": codes}),
        facts,
        receiving,
    )


ATOMS = [
    "age >= 80", "age < 80", "age > 79", "age <= 80", "age == 80", "age != 80", "age in [80, 90]",
    "turns == 80", "turns != 80", "turns in [80, 90]", "alive", "hukou in region",
    'hukou not in "5001"', 'hukou in ["500152", "110101"]', "residence == hukou",
    "hardship in [dibao, tekun]", "hardship not in [dibao]", "hardship != none",
    "living == living_alone", "ability_level >= 2", "ltci_insured", "not special_family",
    "special_family == false", "income <= 770元", "income > pension_amount",
    "assessed_on >= first_day - 6 months", "assessed_on < 2026-06-15", "death <= last_day",
    "bedridden_since <= last_day - 30 days", "bedridden_since != first_day",
    "death > assessed_on", "bedridden_since <= death", "survival == last_day",
]  # fmt: skip


def joined(items: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Bigger expressions of smaller ones."""
    pairs = st.tuples(items, st.sampled_from(["and", "or"]), items)
    return st.one_of(items.map("not ({})".format), pairs.map(lambda p: f"({p[0]}) {p[1]} ({p[2]})"))


EXPRESSIONS = st.recursive(st.sampled_from(ATOMS), joined, max_leaves=6)
ASKED = ["birth_date", "death", "hukou", "residence", "hardship", "living", "ability_level",
         "ltci_insured", "special_family", "income", "pension_amount", "assessed_on",
         "bedridden_since", "survival"]  # fmt: skip


@settings(max_examples=40 if THOROUGH else 20, phases=NO_SHRINKING)
@given(
    st.lists(EXPRESSIONS, min_size=3, max_size=3), st.lists(sheets(ASKED), min_size=6, max_size=6)
)
def test_random_expressions_on_random_facts(whens: list[str], people: list[Sheet]) -> None:
    days = "{facts: first_day, age: last_day, hukou: day_before, verified: false}"
    some = [policy(when, dates=days, code=f"p{place}") for place, when in enumerate(whens)]
    assert_alike(people, some, MONTH)
    assert_packed_alike(people, some, MONTH)


def drawn(rng: random.Random, keys: Sequence[str]) -> Sheet:
    """Somebody from the bench of chance: mostly complete facts, near the borders of the rules."""
    facts: dict[str, Any] = {}
    for key in keys:
        kind = ELDER[key]
        values: list[Any] = [None, *sorted(kind.codes)]
        if kind.kind is Kind.BOOL:
            values += [True, False]
        if kind.kind is Kind.REGION:
            values += REGIONS
        if kind.kind in {Kind.WHOLE, Kind.FEN}:
            top = 300_000 if kind.kind is Kind.FEN else kind.high
            values += [kind.low, top, *(rng.randint(kind.low, top) for _ in range(4)), 20_000]
            values = [v for v in values if v is None or kind.low <= v <= kind.high]
        if key == "birth_date":
            years = (60, 70, 80, 85, 90, 100)
            values += [
                f"{2026 - rng.choice(years)}-{rng.choice(('06-01', '06-02', '06-30', '07-01'))}"
            ]
        elif kind.kind in {Kind.DATE, Kind.EVENT}:
            values += [f"2026-{rng.randint(1, 7):02d}-{rng.choice((1, 15, 28)):02d}", "2025-12-01"]
        if rng.random() < 0.9:
            facts[key] = rng.choice(values[1:] if rng.random() < 0.8 else values)
    return sheet_from({"subject": "elder", "facts": facts})


@pytest.mark.parametrize("month", ["2024-02", "2026-06", "2026-12"] if THOROUGH else ["2026-12"])
def test_shipped_policies_on_random_facts(month: str) -> None:
    held = in_force(law().policies, Month(month))
    keys = sorted({key for one in held for key in one.fact_keys})
    rng = random.Random(month)
    people = [drawn(rng, keys) for _ in range(400)]
    assert_alike(people, held, Month(month))
    assert_packed_alike(people, held, Month(month))


RULE = (
    "{{group: {g}, rule: {rule}, order: {n}, outside: [{o}], clause: c, says: s, verified: false}}"
)


@settings(max_examples=20 if THOROUGH else 10, phases=NO_SHRINKING)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["exclusive", "higher_of", "after_deduction", "additive"]),
            st.sampled_from(["", "veteran_care", "work_injury_care"]),
        ),
        min_size=1,
        max_size=2,
        unique_by=lambda pair: pair[0],
    ),
    st.lists(st.sampled_from([50, 100, 150]), min_size=2, max_size=3),
    st.lists(
        sheets(["hardship", "special_family", "ltci_insured", "veteran_care", "work_injury_care"]),
        min_size=12,
        max_size=12,
    ),
)
def test_random_groups_on_random_facts(
    groups: list[tuple[str, str]], amounts: list[int], people: list[Sheet]
) -> None:
    whens = ["hardship in [dibao, tekun]", "special_family", "ltci_insured"]
    made = []
    for place, fen in enumerate(amounts):
        rules = [
            RULE.format(g=rule.replace("_", "-"), rule=rule, n=place + 1, o=o) for rule, o in groups
        ]
        rows = MONTHLY.replace("100元", f"{fen}元")
        made.append(
            policy(
                whens[place], amounts=rows, code=f"p{place}", more=f"stacking: [{', '.join(rules)}]"
            )
        )
    assert_alike(people, made, MONTH)
    assert_packed_alike(people, made, MONTH)


@pytest.mark.parametrize("leap_day", [(2, 28), (3, 1)])
@pytest.mark.parametrize("month", ["2026-02", "2026-03", "2028-02"])
def test_ages_end_with_life_around_the_leap_day(leap_day: tuple[int, int], month: str) -> None:
    births = [date(1936, 2, 28), date(1936, 2, 29), date(1936, 3, 1), date(1946, 2, 28)]
    deaths = [None, *(date(y, *md) for y in (2024, 2025, 2026, 2028) for md in ((2, 28), (3, 1)))]
    people = [
        sheet_from({"subject": "elder", "facts": {"birth_date": str(b), "death": d and str(d)}})
        for b in births
        for d in deaths
    ]
    days = "{facts: first_day, age: last_day, verified: false}"
    whens = [f"{what} {age}" for what in ("age >=", "turns ==") for age in (88, 89, 90, 91, 92)]
    some = [policy(when, dates=days, code=f"p{place}") for place, when in enumerate(whens)]
    with patch.object(ages, "ages", lambda: ages.Ages(leap_day, 130)):
        assert_alike(people, some, Month(month))
        assert_packed_alike(people, some, Month(month))


@settings(max_examples=10, phases=NO_SHRINKING)
@given(
    st.sampled_from(["start", "go_on"]),
    st.lists(sheets(["birth_date", "survival"], ["made-up"]), min_size=8, max_size=8),
)
def test_who_starts_and_who_goes_on(phase: str, people: list[Sheet]) -> None:
    one = policy("survival >= first_day - 12 months", phase=phase)
    assert_alike(people, [one], MONTH)
    assert_packed_alike(people, [one], MONTH)
