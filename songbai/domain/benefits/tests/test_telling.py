"""Decisions in sentences: by how much, when it comes by itself, and never a way nobody has."""

from dataclasses import replace
from datetime import date

import pytest

from songbai.domain.benefits.rules import telling
from songbai.domain.benefits.rules.decision import Decision, told
from songbai.domain.benefits.rules.evaluate import decide
from songbai.domain.benefits.rules.facts import NEVER, Kind, Reading, Value, sheet_of
from songbai.domain.benefits.rules.library import in_force, law
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.vocabulary import vocabulary

from .writing import policy

JUNE = Month("2026-06")
POLICIES = {policy.code: policy for policy in in_force(law().policies, JUNE)}
HERE = "500151001001"


def place(code: str) -> str:
    return {"500151": "铜梁区", "50": "重庆市"}.get(code, code)


def decided(code: str, **facts: Value) -> Decision:
    return decide(POLICIES[code], sheet_of("elder", **facts), JUNE)


def longevity(birth: date, **facts: Value) -> telling.Telling:
    decision = decided("longevity-tongliang", **{"birth_date": birth, "hukou": HERE, **facts})
    return telling.tell(decision, place)


def test_a_yes_says_how_the_money_comes() -> None:
    told = longevity(date(1936, 6, 15))
    assert told.title == "可以享受铜梁区高龄津贴"
    assert told.why == "3 个条件都符合。按“90 至 99 周岁”发。"
    assert told.how == "一卡通，发到社会保障卡，每月 30 日前后。不用申请。"


@pytest.mark.parametrize(
    ("birth", "gap", "month"),
    [
        (date(1953, 12, 1), "还差 7 年 5 个月", "2033-12"),
        (date(1946, 7, 1), "还差 1 天", "2026-07"),
        (date(1946, 8, 15), "还差 1 个月", "2026-08"),
    ],
)
def test_too_young_says_by_how_much_and_from_which_month(birth: date, gap: str, month: str) -> None:
    told = longevity(birth)
    assert told.gaps == (gap,)
    assert "其他条件都符合" in told.why
    [way] = told.ways
    assert way.month == Month(month)
    assert "自动发放，不用申请" in way.says


def test_a_place_is_named_and_not_numbered() -> None:
    told = longevity(date(1940, 1, 1), hukou="500152001001")
    assert [way.says for way in told.ways] == ["如果户籍在铜梁区，就可以享受"]


@pytest.mark.parametrize(
    ("when", "says"),
    [
        ("bedridden_since <= first_day - 6 months", "因病卧床满 6 个月"),
        ("assessed_on >= first_day - 1 years", "能力评估在 1 年以内"),
        ("assessed_on <= 2020-05-01", "能力评估日期在 2020 年 5 月 1 日以前"),
        ("ability_level >= 3", "能力等级 3 级以上"),
        ("pension_amount <= 700元", "每月养老金不超过 700 元"),
    ],
)
def test_what_would_have_to_be_is_said_in_plain_words(when: str, says: str) -> None:
    known = {"assessed_on": date(2024, 5, 1), "bedridden_since": date(2026, 5, 2)}
    facts = sheet_of("elder", ability_level=1, pension_amount=80_000, **known)
    assert [way[0].says for way in decide(policy(when), facts, JUNE).changes] == [says]


def test_nobody_is_told_to_be_alive() -> None:
    told = longevity(date(1940, 1, 1), death=date(2026, 5, 2))
    assert told.ways == ()


def test_what_is_missing_is_no_no() -> None:
    told = telling.tell(decided("longevity-tongliang", birth_date=date(1940, 1, 1)), place)
    assert told.title == "铜梁区高龄津贴还不能判断"
    assert "户籍" in told.why
    assert "补登" in told.how


def test_two_things_stand_in_the_way() -> None:
    told = longevity(date(1953, 12, 1), hukou="500152001001")
    assert "还没有满 80 周岁；户籍不在发放地" in told.why
    assert told.ways[0].month is None
    assert told.ways[0].says == (
        "如果满 80 周岁（2033 年 12 月 1 日），并且户籍在铜梁区，就可以享受"
    )


def test_values_are_read_by_people() -> None:
    decision = decided("longevity-tongliang", birth_date=date(1940, 2, 3), hukou=HERE, death=NEVER)
    said = [telling.value_words(r, place) for f in decision.findings for r in f.readings]
    assert said == ["86 周岁，1940 年 2 月 3 日生", HERE, "健在"]


@pytest.mark.parametrize(
    ("born", "says"),
    [
        (date(1946, 6, 30), "6 月 30 日满 80 周岁，1946 年 6 月 30 日生"),
        (date(1946, 5, 31), "80 周岁，1946 年 5 月 31 日生"),
        (date(1945, 7, 10), "6 月 30 日时 80 周岁，1945 年 7 月 10 日生"),
    ],
)
def test_an_age_that_changes_about_the_day_names_the_day(born: date, says: str) -> None:
    """Whoever reads it before that day reads another age beside it."""
    decision = decided("longevity-tongliang", birth_date=born, hukou=HERE, death=NEVER)
    said = [telling.value_words(r, place) for f in decision.findings for r in f.readings]
    assert said[0] == says


@pytest.mark.parametrize(
    "policy", law().policies, ids=lambda policy: f"{policy.code} {policy.file}"
)
def test_every_worked_case_is_told_whole(policy: object) -> None:
    for case in getattr(policy, "cases", ()):
        told = telling.tell(decide(policy, case.sheet, case.month), place)  # type: ignore[arg-type]
        assert told.title
        assert told.why.endswith("。")
        assert "{" not in f"{told.why}{told.how}{told.ways}"


@pytest.mark.parametrize("value", [True, False])
def test_a_yes_or_no_is_never_a_grade(value: bool) -> None:
    facts = [f for f in vocabulary("elder").values() if f.kind is Kind.BOOL and f.key != "alive"]
    said = {telling.value_words(Reading(fact, value, None), place) for fact in facts}
    assert said == {"是" if value else "否"}


def test_every_blank_that_a_notice_may_have_is_filled() -> None:
    words = "{name}，{policy}，{amount}，{month}，{reason}，{phone}，{pay_day} 日前后"
    notices = dict.fromkeys(("granted", "refused", "stopped"), words)
    held = replace(POLICIES["longevity-tongliang"], notices=notices, pay_day=15)
    says = "铜梁区高龄津贴，10 元，2026 年 6 月，因为，12349，15 日前后"
    for kind in notices:
        assert told(held, JUNE, kind, (1_000, 0), reason="因为") == f"{{name}}，{says}"
