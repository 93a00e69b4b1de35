"""The elders of the demo city: totals as published, people as plausible as invented people get."""

from dataclasses import fields
from datetime import date

import numpy as np
import pytest

from songbai.cli.demo import geography, identity, population
from songbai.cli.demo.batch import (
    RISK_NAMES,
    ElderBatch,
    HardshipClass,
    LivingSituation,
    RiskTag,
    codes_of,
    risk_tags_of,
)
from songbai.cli.demo.geography import TONGLIANG, BoolArray

pytestmark = pytest.mark.long

ON = date(2026, 3, 1)
SMALLEST = "500104"


@pytest.fixture(scope="module")
def tongliang() -> ElderBatch:
    return population.district_elders(TONGLIANG, 7, ON)


def urban(batch: ElderBatch) -> BoolArray:
    return np.array([village.is_urban for village in batch.villages])[batch.village]


def share(mask: BoolArray) -> float:
    """Per cent."""
    return 100.0 * float(mask.mean())


# --- how many


def test_the_city_has_seven_million_and_forty_thousand_elders() -> None:
    counts = population.elders_by_district()
    assert len(counts) == 38
    assert sum(counts.values()) == 7_040_000
    assert counts[TONGLIANG] == 163_200


def test_villages_share_the_elders_of_their_district() -> None:
    counts = population.elders_by_village(TONGLIANG, 7)
    is_urban = geography.village_centres(TONGLIANG).is_urban
    assert counts.sum() == 163_200
    assert counts[is_urban].mean() > 2 * counts[~is_urban].mean()


def test_no_district_exceeds_its_serials() -> None:
    assert max(population.elders_by_district().values()) <= population.SERIALS_PER_DISTRICT
    with pytest.raises(ValueError, match="at most 500,000"):
        population.elders_by_village(TONGLIANG, 7, 500_001)


@pytest.mark.parametrize("total", [0, 1, 2, 333, 5_000])
def test_a_small_city_has_as_many_as_asked_for(total: int) -> None:
    assert len(population.district_elders(TONGLIANG, 7, ON, total)) == total


# --- the same people


def test_the_same_seed_gives_the_same_people() -> None:
    first, again = (population.district_elders(SMALLEST, 7, ON, 2_000) for _ in range(2))
    for field in fields(ElderBatch):
        assert np.array_equal(getattr(first, field.name), getattr(again, field.name)), field.name


def test_another_seed_gives_other_people() -> None:
    first, other = (population.district_elders(SMALLEST, seed, ON, 2_000) for seed in (7, 8))
    assert not np.array_equal(first.name, other.name)


def test_a_district_alone_is_the_district_in_the_city() -> None:
    alone = population.district_elders("500104000000", 7, ON)
    population.district_elders("500103", 7, ON)
    in_city = population.district_elders(SMALLEST, 7, ON)
    assert np.array_equal(alone.id_number, in_city.id_number)


# --- unique numbers


def test_nobody_shares_a_number() -> None:
    batches = [population.district_elders(code, 7, ON) for code in (SMALLEST, "500103", "500105")]
    people = sum(len(batch) for batch in batches)
    for column in ("serial", "id_number", "phone"):
        values = np.concatenate([getattr(batch, column) for batch in batches])
        assert len(np.unique(values)) == people, column
    homes = [np.unique(batch.household) for batch in batches]
    assert len(np.unique(np.concatenate(homes))) == sum(len(numbers) for numbers in homes)


def test_elders_do_not_take_the_telephones_of_relatives() -> None:
    most = len(population.elders_by_district()) * population.SERIALS_PER_DISTRICT
    assert most <= identity.Holder.RELATIVE


# --- age and sex


@pytest.mark.parametrize("on", [ON, date(2026, 12, 31), date(2028, 2, 29), date(2027, 2, 28)])
def test_age_is_completed_years(on: date) -> None:
    batch = population.district_elders(SMALLEST, 7, on, 20_000)
    pairs = zip(batch.birth_date.tolist(), batch.age.tolist(), strict=True)
    for born, age in pairs:
        assert on.year - born.year - ((on.month, on.day) < (born.month, born.day)) == age


def test_ages_fall_off_and_a_sixth_is_over_eighty(tongliang: ElderBatch) -> None:
    per_age = np.bincount(tongliang.age)[60:]
    assert tongliang.age.min() == 60
    assert tongliang.age.max() <= 105
    assert per_age[:10].min() > per_age[20:].max()
    assert share(tongliang.age >= 80) == pytest.approx(16.3, abs=0.5)


def test_women_outlive_men(tongliang: ElderBatch) -> None:
    assert 0.50 < tongliang.female.mean() < 0.55
    assert tongliang.female[tongliang.age >= 90].mean() > 0.6


def test_the_number_agrees_with_the_person(tongliang: ElderBatch) -> None:
    sample = tongliang.take(slice(0, 500))
    for number, born, woman in zip(
        sample.id_number.tolist(), sample.birth_date.tolist(), sample.female.tolist(), strict=True
    ):
        assert number[6:14] == born.strftime("%Y%m%d")
        assert (int(number[16]) % 2 == 0) == woman


# --- homes


def test_a_household_is_one_elder_or_a_couple_of_the_same_village(tongliang: ElderBatch) -> None:
    order = np.argsort(tongliang.household, kind="stable")
    sorted_homes = tongliang.take(order)
    together = np.flatnonzero(np.diff(sorted_homes.household) == 0)
    first, second = sorted_homes.take(together), sorted_homes.take(together + 1)
    assert np.bincount(np.unique(tongliang.household, return_inverse=True)[1]).max() == 2
    assert np.all(first.female != second.female)
    for column in ("village", "lon", "lat", "door", "hardship", "living"):
        assert np.array_equal(getattr(first, column), getattr(second, column)), column
    assert np.abs(first.age - second.age).max() <= 16


def test_husbands_are_on_average_a_little_older(tongliang: ElderBatch) -> None:
    order = np.lexsort((tongliang.female, tongliang.household))
    homes = tongliang.take(order)
    husband = np.flatnonzero(np.diff(homes.household) == 0)
    gap = homes.age[husband].astype(int) - homes.age[husband + 1]
    assert 0.5 < gap.mean() < 5


def test_doors_count_from_one_in_each_village(tongliang: ElderBatch) -> None:
    one = tongliang.take(tongliang.village == 12)
    doors = np.unique(one.door)
    assert np.array_equal(doors, np.arange(1, len(doors) + 1))


def test_homes_lie_in_the_district(tongliang: ElderBatch) -> None:
    assert geography.contains(TONGLIANG, tongliang.lon, tongliang.lat).all()


# --- how they live


def test_only_the_countryside_has_left_behind_elders(tongliang: ElderBatch) -> None:
    left_behind = tongliang.living == LivingSituation.LEFT_BEHIND
    assert left_behind.any()
    assert not (left_behind & urban(tongliang)).any()


def test_those_who_live_alone_have_no_partner(tongliang: ElderBatch) -> None:
    members = np.bincount(np.unique(tongliang.household, return_inverse=True)[1])
    size = members[np.unique(tongliang.household, return_inverse=True)[1]]
    alone = tongliang.living == LivingSituation.LIVING_ALONE
    assert np.all(size[alone] == 1)


def test_the_tekun_live_alone_or_in_an_institution(tongliang: ElderBatch) -> None:
    tekun = tongliang.hardship == HardshipClass.TEKUN
    assert set(codes_of(LivingSituation, tongliang.living[tekun]).tolist()) == {
        "living_alone",
        "in_institution",
    }
    assert tekun[~urban(tongliang)].mean() > 2 * tekun[urban(tongliang)].mean()


@pytest.mark.parametrize(
    ("hardship", "expected"),
    [
        (HardshipClass.DIBAO, 5.0),
        (HardshipClass.TEKUN, 1.4),
        (HardshipClass.NEAR_DIBAO, 1.0),
        (HardshipClass.LOW_INCOME, 1.4),
    ],
)
def test_hardship_has_its_share(
    tongliang: ElderBatch, hardship: HardshipClass, expected: float
) -> None:
    assert share(tongliang.hardship == hardship) == pytest.approx(expected, abs=0.4)


@pytest.mark.parametrize(("level", "expected"), [(1, 12.0), (2, 7.7), (3, 3.8), (4, 1.4)])
def test_ability_has_its_shares(tongliang: ElderBatch, level: int, expected: float) -> None:
    assert share(tongliang.ability >= level) == pytest.approx(expected, abs=0.3)


def test_ability_is_lost_with_age(tongliang: ElderBatch) -> None:
    disabled = tongliang.ability >= 2
    by_band = [disabled[(tongliang.age // 10) == band].mean() for band in (6, 7, 8, 9)]
    assert by_band == sorted(by_band)
    assert by_band[3] > 0.3


def test_institutions_take_a_few_and_mostly_the_disabled(tongliang: ElderBatch) -> None:
    moved = tongliang.living == LivingSituation.IN_INSTITUTION
    assert 1.0 < share(moved) < 2.2
    assert tongliang.ability[moved].mean() > 5 * tongliang.ability[~moved].mean()


def test_families_without_their_only_child_do_not_live_with_children(
    tongliang: ElderBatch,
) -> None:
    assert share(tongliang.special_family) == pytest.approx(0.4, abs=0.12)
    living = set(tongliang.living[tongliang.special_family].tolist())
    assert living <= {LivingSituation.LIVING_ALONE, LivingSituation.EMPTY_NEST}


def test_a_disability_certificate_has_kind_and_grade_or_neither(tongliang: ElderBatch) -> None:
    has_kind, has_grade = tongliang.disability_kind > 0, tongliang.disability_grade > 0
    assert np.array_equal(has_kind, has_grade)
    assert tongliang.disability_kind.max() == 7
    assert tongliang.disability_grade.max() == 4
    assert 4 < share(has_kind) < 8


def test_risk_tags_are_bits() -> None:
    assert risk_tags_of(0b000101) == (RiskTag.FALLS, RiskTag.HEARING)
    assert set(RISK_NAMES) == set(RiskTag)


def test_some_elders_have_a_risk_tag(tongliang: ElderBatch) -> None:
    assert tongliang.risk_tags.max() < 1 << len(RiskTag)
    assert 15 < share(tongliang.risk_tags > 0) < 35


@pytest.mark.slow
def test_the_whole_city_meets_the_published_totals() -> None:
    disabled = empty_urban = left_behind = people = over_80 = 0
    for batch in (
        population.district_elders(one, 7, ON) for one in population.elders_by_district()
    ):
        people += len(batch)
        disabled += int((batch.ability >= 2).sum())
        over_80 += int((batch.age >= 80).sum())
        one_each = batch.take(np.unique(batch.household, return_index=True)[1])
        own = np.isin(one_each.living, [LivingSituation.LIVING_ALONE, LivingSituation.EMPTY_NEST])
        empty_urban += int((own & urban(one_each)).sum())
        left_behind += int((one_each.living == LivingSituation.LEFT_BEHIND).sum())
    assert people == 7_040_000
    assert disabled == pytest.approx(540_000, rel=0.02)
    assert over_80 == pytest.approx(1_150_000, rel=0.02)
    assert empty_urban == pytest.approx(650_000, rel=0.03)
    assert left_behind == pytest.approx(610_000, rel=0.03)
