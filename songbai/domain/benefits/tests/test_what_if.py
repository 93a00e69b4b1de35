"""Another rule: what can be set, and that the answer is that of deciding everybody from scratch."""

import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import ibis
import pytest

from songbai.domain.benefits.population import snapshot_of
from songbai.domain.benefits.population.at_size import mates
from songbai.domain.benefits.population.what_if import BANDS, Cut, Effect, Figures, what_if
from songbai.domain.benefits.rules import Decision, Month, Policy, decide_all
from songbai.domain.benefits.rules.facts import NEVER, Sheet, Statement, Value
from songbai.domain.benefits.rules.language.tree import atoms
from songbai.domain.benefits.rules.levers import Setting, WrongSetting, changed, levers
from songbai.domain.benefits.rules.library import in_force, law
from songbai.domain.benefits.rules.reading import parse_policy

from .test_both_evaluators import REGIONS, drawn
from .writing import MONTH, MONTHLY, elder, policy

pytestmark = pytest.mark.slow

HELD = in_force(law().policies, MONTH)
BY_CODE = {one.code: one for one in HELD}
#: Policy, settings, and the same change typed into its file.
CHANGES: tuple[tuple[str, dict[str, Setting], dict[str, str]], ...] = (
    ("longevity-tongliang", {"age-80": 75}, {"age >= 80": "age >= 75"}),
    ("longevity-tongliang", {"age-90": 85}, {"age >= 90": "age >= 85"}),
    ("longevity-tongliang", {"amount-monthly-a80": 5_050}, {"amount: 10元": "amount: 50.50元"}),
    ("longevity-tongliang", {"regions": ("11", "50")}, {'["500151"]': '["11", "50"]'}),
    (
        "longevity-dadukou",
        {"hardship-dibao-tekun": ("dibao", "tekun", "near_dibao"), "regions": ("50",)},
        {"[dibao, tekun]": "[dibao, tekun, near_dibao]", '["500104"]': '["50"]'},
    ),
    ("elderly-service-subsidy", {"amount-monthly-all": 40_000}, {"amount: 200元": "amount: 400元"}),
    (
        "elderly-service-subsidy",
        {"disability_grade-3": 1, "bedridden_since-before-6-months": 2, "age-60": 65},
        {"grade <= 2": "grade <= 1", "6 months": "2 months", ">= 60": ">= 65"},
    ),
    ("tekun-care", {"hardship-tekun": ("dibao", "tekun")},
     {"hardship == tekun": "hardship in [dibao, tekun]"}),
    ("chongqing-ltci", {"ltci_grade-2": 1, "insured_years-15": 10},
     {"ltci_grade >= 2": "ltci_grade >= 1", "insured_years >= 15": "insured_years >= 10"}),
    ("beijing-hardship", {"amount-monthly-dibao": 70_000}, {"amount: 300元": "amount: 700元"}),
    ("beijing-nursing", {"ability_level-3": 2}, {"ability_level >= 3": "ability_level >= 2"}),
    ("beijing-nursing", {"disability_grade-2-3": ("1", "2", "3", "4")},
     {"disability_grade in [2, 3]": "disability_grade in [1, 2, 3, 4]"}),
    ("consumption-voucher", {"ability_level-2": 1, "cap": 50_000, "amount-home-home": 4_000},
     {"ability_level >= 2": "ability_level >= 1", "800元\n": "500元\n", " 50%": " 40%"}),
)  # fmt: skip
PLACE = Cut("place", digits=6)


def typed(given: Policy, words: Mapping[str, str]) -> Policy:
    """The file with words replaced; its worked cases, which no longer hold, left out."""
    text = Path(given.file).read_text("utf-8").partition("\ncases:")[0] + "\ncases: []\n"
    for before, after in words.items():
        assert before in text
        text = text.replace(before, after)
    return parse_policy(text, "typed.yaml")


#: What is so of most people; chance alone would leave hardly anybody in.
USUAL: dict[str, Value] = {
    "death": NEVER, "work_injury_care": 0, "veteran_care": 0, "disability_living_subsidy": 0,
    "disability_care_subsidy": 0, "welfare_institution_aid": False, "home_care_upgrade": False,
    "concentrated_care_aid": False, "ltci_insured": True, "care_days": 20,
}  # fmt: skip


def crowd(count: int, seed: str, at: str = "500151001001") -> list[Sheet]:
    """People near the borders of all rules, some of their facts unknown, most of one place."""
    rng = random.Random(seed)
    keys = sorted({key for one in HELD for key in one.fact_keys})
    usual = {key: (Statement(value),) for key, value in {**USUAL, "hukou": at}.items()}
    people = [drawn(rng, keys) for _ in range(count)]
    return [
        replace(one, statements={**one.statements, **usual}) if rng.random() < 0.7 else one
        for one in people
    ]


def table_of(people: list[Sheet], month: Month) -> ibis.Table:
    """Their snapshot, each living somewhere."""
    snapshot = snapshot_of(people, HELD, month)
    return snapshot.mutate(place=ibis.cases(
        *((snapshot["person"] % len(REGIONS) == n, int(code)) for n, code in enumerate(REGIONS)),
        else_=0,
    ))  # fmt: skip


def one_by_one(people: list[Sheet], old: Policy, new: Policy) -> dict[str, dict[str, int]]:
    """The figures of its group's policies, counted in Python from two decisions of everybody."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    before = mates(old, HELD)
    after = [new if one is old else one for one in before]
    for sheet in people:
        pairs = zip(decide_all(before, sheet, MONTH), decide_all(after, sheet, MONTH), strict=True)
        for was, now in pairs:
            count(found[was.policy.code], was, now)
    return found


def count(into: dict[str, int], was: Decision, now: Decision) -> None:
    yes, still = was.decision == "yes", now.decision == "yes"
    into["before"] += yes
    into["gained"] += still and not yes
    into["lost"] += yes and not still
    into["lost_open"] += yes and now.decision == "cannot_decide"
    into["more"] += yes and still and (now.amount or 0) > (was.amount or 0)
    into["less"] += yes and still and (now.amount or 0) < (was.amount or 0)
    into["open_before"] += was.decision == "cannot_decide"
    into["open_after"] += now.decision == "cannot_decide"
    into["fen_before"] += was.amount or 0
    into["fen_after"] += now.amount or 0


def told(figures: Figures) -> dict[str, int]:
    return {key: value for key, value in vars(figures).items() if not key.startswith("year")}


@pytest.mark.parametrize(("code", "settings", "words"), CHANGES)
def test_levers_do_what_typing_into_the_file_does(
    code: str, settings: dict[str, Setting], words: dict[str, str]
) -> None:
    moved, file = changed(BY_CODE[code], settings), typed(BY_CODE[code], words)
    assert moved != BY_CODE[code]
    assert [c.when for c in moved.criteria] == [c.when for c in file.criteria]
    assert [[(r.when, r.amount) for r in part.rows] for part in moved.amounts] == [
        [(r.when, r.amount) for r in part.rows] for part in file.amounts
    ]
    assert (moved.cap, moved.regions) == (file.cap, file.regions)


@pytest.mark.parametrize(("code", "settings", "words"), CHANGES)
def test_the_answer_is_that_of_deciding_everybody_anew(
    code: str, settings: dict[str, Setting], words: dict[str, str]
) -> None:
    old = BY_CODE[code]
    people = crowd(300, code, old.regions[0].ljust(12, "0"))
    effect = what_if(table_of(people, MONTH), old, changed(old, settings), HELD, MONTH, PLACE)
    expected = one_by_one(people, old, typed(old, words))
    assert told(effect.whole) == expected[code]
    assert effect.whole.touched
    for other, figures in effect.others.items():
        for name in ("gained", "lost", "more", "less"):
            assert getattr(figures, name) == expected[other][name]
        assert figures.fen == expected[other]["fen_after"] - expected[other]["fen_before"]
    assert expected.keys() == {code, *effect.others}


def asked(people: list[Sheet], settings: dict[str, Setting], cut: Cut = PLACE) -> Effect:
    old = BY_CODE["longevity-tongliang"]
    return what_if(table_of(people, MONTH), old, changed(old, settings), HELD, MONTH, cut)


def test_every_breakdown_adds_up_to_the_whole() -> None:
    effect = asked(crowd(300, "sums"), {"age-80": 70, "amount-monthly-a90": 30_000})
    assert effect.whole.gained
    assert effect.whole.more
    for parts in (effect.by_place, effect.by_age, effect.by_class):
        assert sum(parts.values(), Figures()) == effect.whole
    assert set(effect.by_place) <= {code[:6].ljust(12, "0") for code in REGIONS}
    assert set(effect.by_age) <= {-1, 0, *BANDS}


def test_a_scope_sees_only_its_own_people() -> None:
    people = crowd(300, "scope")
    everywhere = asked(people, {"age-80": 70})
    inside = asked(people, {"age-80": 70}, Cut("place", digits=6, prefix="500152"))
    assert set(inside.by_place) == {"500152000000"}
    assert inside.whole == everywhere.by_place["500152000000"]


def test_nothing_set_changes_nothing() -> None:
    effect = asked(crowd(100, "same"), {"age-80": 80})
    assert effect.whole.touched == effect.whole.fen == effect.whole.year == 0
    assert effect.whole.before == effect.whole.same == effect.whole.after


def test_whoever_can_not_be_decided_any_more_is_told() -> None:
    old = policy("age >= 80 or age >= 70 and hardship == dibao")
    people = [elder(birth_date="1945-01-01"), elder(birth_date="1945-01-01", hardship="dibao")]
    snapshot = snapshot_of(people, [old], MONTH).mutate(place=500151001001)
    whole = what_if(snapshot, old, changed(old, {"age-80": 90}), [old], MONTH, PLACE).whole
    assert (whole.before, whole.lost, whole.lost_open, whole.open_after) == (2, 1, 1, 1)


@pytest.mark.parametrize(("month", "fen"), [("2026-06", 0), ("2026-12", 10_000)])
def test_yearly_money_counts_once_a_year_in_whichever_month(month: str, fen: int) -> None:
    old = BY_CODE["longevity-jiulongpo"]
    people = [elder(birth_date="1944-01-01", hukou="500107001001")]
    snapshot = snapshot_of(people, [old], Month(month)).mutate(place=500107001001)
    new = changed(old, {"amount-yearly-a80": 40_000})
    whole = what_if(snapshot, old, new, [old], Month(month), PLACE).whole
    assert (whole.fen, whole.year, whole.more) == (fen, 10_000, 1)
    assert (whole.year_before, whole.year_after) == (30_000, 40_000)


def test_monthly_money_counts_twelve_times() -> None:
    old = policy("age >= 80")
    snapshot = snapshot_of([elder(birth_date="1944-01-01")], [old], MONTH).mutate(place=1)
    whole = what_if(
        snapshot, old, changed(old, {"amount-monthly-all": 11_000}), [old], MONTH, PLACE
    ).whole
    assert (whole.fen, whole.year) == (1_000, 12_000)


def test_one_limit_in_several_places_is_one_lever() -> None:
    rows = MONTHLY.replace("label: 每人", "label: 低龄, when: age <= 79")
    rows += "    - {id: old, label: 高龄, when: age > 79, amount: 200元, verified: false}\n"
    old = policy("age >= 60 and not age < 80 or age >= 60", amounts=rows)
    found = {lever.id: lever for lever in levers(old)}
    assert {key for key in found if key.startswith("age")} == {"age-60", "age-80"}
    assert found["age-80"].used == ("符合", "低龄", "高龄")
    moved = changed(old, {"age-80": 85})
    signs = [(a.sign, a.right) for a in _ages(moved)]
    assert signs == [(">=", 60), ("<", 85), (">=", 60), ("<=", 84), (">", 84)]


def _ages(given: Policy) -> list[Any]:
    rows = [row.when for part in given.amounts for row in part.rows if row.when]
    return [atom for when in (*(c.when for c in given.criteria), *rows) for atom in atoms(when)]


@pytest.mark.parametrize("given", law().policies, ids=lambda one: f"{one.code}-{one.valid_from}")
def test_every_shipped_policy_can_be_set_and_read_back(given: Policy) -> None:
    found = levers(given)
    assert len({lever.id for lever in found}) == len(found)
    for lever in found:
        typed_in = lever.now if isinstance(lever.now, tuple) else (lever.show(lever.now),)
        assert lever.read(typed_in) == lever.now
        assert lever.label
        assert lever.used
    settings = {lever.id: lever.now for lever in found}
    assert changed(given, settings) == given


@pytest.mark.parametrize(
    ("key", "given"),
    [("age-80", ""), ("age-80", "8o"), ("age-80", "-1"), ("age-80", "151"), ("age-80", "80.5"),
     ("amount-monthly-a80", "1.005"), ("amount-monthly-a80", "９"), ("amount-monthly-a80", "1e9"),
     ("regions", "Chongqing")],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words(key: str, given: str) -> None:
    lever = {one.id: one for one in levers(BY_CODE["longevity-tongliang"])}[key]
    with pytest.raises(WrongSetting, match="："):
        lever.read([given])


def test_classes_must_be_known_and_at_least_one() -> None:
    lever = {one.id: one for one in levers(BY_CODE["tekun-care"])}["hardship-tekun"]
    assert lever.read(["tekun", "dibao"]) == ("dibao", "tekun")
    for wrong in ([], ["rich"]):
        with pytest.raises(WrongSetting):
            lever.read(wrong)
