"""What criteria may say, and how a mistake is reported."""

import pytest

from songbai.domain.benefits.rules.evaluate import holds
from songbai.domain.benefits.rules.located import WrongFile
from songbai.domain.benefits.rules.reading import parse_policy

from .writing import MONTH, TONGLIANG, elder, policy, source

PERSON = elder(
    birth_date="1946-06-30",
    hukou=TONGLIANG,
    hardship="dibao",
    income=77_000,
    ability_level=2,
    ltci_insured=True,
    assessed_on="2025-07-01",
)


@pytest.mark.parametrize(
    ("when", "result"),
    [
        ("age >= 80", True),
        ("age > 80", False),
        ("age in [79, 80]", True),
        ("turns == 80", True),
        ("turns == 81", False),
        ("hukou in region", True),
        ('hukou in "5001"', True),
        ('hukou in ["500152", "500151001"]', True),
        ("hukou not in region", False),
        ("hardship in [dibao, tekun]", True),
        ("hardship == tekun", False),
        ("not hardship == tekun", True),
        ("income <= 770元", True),
        ("income < 770.00元", False),
        ("ltci_insured", True),
        ("ltci_insured == false", False),
        ("assessed_on >= first_day - 11 months", True),
        ("assessed_on >= 2025-07-02", False),
        ("alive", True),
        ("death < first_day", False),
        ("not death < first_day", True),
        ("living == empty_nest", None),
        ("age >= 80 or living == empty_nest", True),
        ("age < 80 and living == empty_nest", False),
        ("age >= 80 and living == empty_nest", None),
        ("not (age >= 80 and ability_level <= 1)", True),
        ("age >= 80 or age >= 60 and ability_level >= 3", True),
        ("income <= pension_amount", None),
    ],
)
def test_an_expression_holds_fails_or_is_open(when: str, result: bool | None) -> None:
    assert holds(policy(when).criteria[0].when, PERSON, MONTH) is result


@pytest.mark.parametrize(
    ("when", "column", "says"),
    [
        ("agee >= 80", 1, "是不是想写 age"),
        ("age = 80", 5, "要写 =="),
        ("age ≥ 80", 5, "要写 >="),
        ("age >= 80元", 8, "要和整数比较"),
        ("age >= 200", 8, "不可能"),
        ("age >= 80 <= 90", 11, "不能连着比较"),
        ("age", 4, "后面要写比较"),
        ("age >= 80 hukou in region", 11, "要写 and 或 or"),
        ("age >= 80 AND alive", 11, "小写的 and"),
        ("hardship >= dibao", 10, "没有大小"),
        ("hardship == dibo", 13, "是不是想写 dibao"),
        ("hardship in [dibao, dibao]", 21, "写了两次"),
        ("hardship in dibao", 13, "这里要有 ["),
        ("income <= 77000", 11, "要和金额比较"),
        ("hukou == region", 10, "hukou in region"),
        ("hukou in 500151", 10, "地区编码"),
        ('hukou in "50015"', 10, "2、4、6、9 或 12"),
        ("ltci_insured >= true", 17, "直接写 ltci_insured"),
        ("assessed_on >= 2026-02-30", 16, "没有 2026-02-30 这一天"),
        ("assessed_on >= first_day - 3 weeks", 30, "days、months 或 years"),
        ("(age >= 80", 11, "这里要有 )"),
        ("turns >= 80", 7, "只能用 =="),
        ("income <= age", 11, "不是同一种情况"),
        ("80 <= age", 1, "这里要写一项情况的名称"),
        ("age >= 80 and", 14, "这里要写一项情况的名称"),
        ("__import__ >= 1", 1, "名称只用小写字母"),
    ],
)
def test_a_mistake_is_reported_where_it_stands(when: str, column: int, says: str) -> None:
    with pytest.raises(WrongFile) as error:
        policy(when)
    problem = error.value.problems[0]
    assert says in problem.message
    # The criterion stands in line 12; the expression begins after 22 characters and a quote.
    assert (problem.line, problem.column) == (12, 22 + column)


def test_deep_nesting_is_refused_not_crashed() -> None:
    with pytest.raises(WrongFile, match="套得太深"):
        policy("(" * 100 + "age >= 80" + ")" * 100)


def test_a_long_expression_is_refused() -> None:
    with pytest.raises(WrongFile, match="太长"):
        policy(" or ".join(["age >= 80"] * 200))


def test_lines_of_a_folded_expression_are_counted() -> None:
    start = source().index("  - {id: only")
    end = source().index("amounts:")
    folded = """  - id: only
    when: >-
      age >= 80
      or agee >= 90
    if_yes: 符合
    if_no: 不符合
    clause: 第一条
"""
    with pytest.raises(WrongFile) as error:
        parse_policy(source()[:start] + folded + source()[end:], "made-up.yaml")
    assert (error.value.problems[0].line, error.value.problems[0].column) == (15, 10)
