"""Money that is not paid every month: beside other money, told to people, left by the dead."""

import pytest

from songbai.core.accounts.rules import SYSTEM
from songbai.domain.benefits.actions.cycles import run
from songbai.domain.benefits.models import Cycle, Decision, Notice
from songbai.domain.benefits.population import coming, instead, snapshot_of
from songbai.domain.benefits.rules import Month, Policy
from songbai.domain.benefits.rules.cycle import Change
from songbai.domain.benefits.rules.evaluate import decide, decide_all
from songbai.domain.benefits.rules.located import WrongFile
from songbai.domain.benefits.rules.reading import parse_policy
from songbai.domain.benefits.rules.telling import money, title_of
from tests.cast import Cast

from .alike import a_year, given, tables_agree  # noqa: F401
from .cycles import TONGLIANG, noticed, tongliang_people
from .writing import elder, source, write

# Every example asks an engine.
pytestmark = pytest.mark.slow
OLD = elder(birth_date="1940-01-01", hukou="500151001001")


def amounts(unit: str, fen: str, more: str = "") -> str:
    """A table of one row."""
    return (
        f"- id: sum\n  name: 金额\n  unit: {unit}\n  {more}\n  rows:\n"
        f"    - {{id: all, label: 每人, amount: {fen}, verified: false}}\n"
    )


YEARLY = amounts("year", "600元", "paid_in: 12")
QUARTERLY = amounts("quarter", "150元", "paid_in: 3")


def member(
    code: str, table: str, rule: str, order: int, more: str = "", when: str = "age >= 80"
) -> Policy:
    """A policy of one group."""
    group = (
        f"stacking:\n  - {{group: both, rule: {rule}, order: {order}, clause: 一, says: 只发一项,"
        f" verified: false{more}}}"
    )
    return parse_policy(source(when, amounts=table, code=code, more=group), f"{code}.yaml")


def pair(rule: str, first: str, second: str, when: str = "age >= 80") -> list[Policy]:
    return [member("a", first, rule, 1, when=when), member("b", second, rule, 2, when=when)]


@pytest.mark.parametrize(
    ("rule", "first", "second", "year"),
    [
        ("exclusive", YEARLY, amounts("month", "100元"), [60_000, 0]),
        ("exclusive", amounts("month", "100元"), YEARLY, [120_000, 0]),
        ("exclusive", QUARTERLY, YEARLY, [60_000, 0]),
        ("higher_of", YEARLY, amounts("month", "100元"), [0, 120_000]),
        ("higher_of", YEARLY, amounts("month", "40元"), [60_000, 0]),
        ("higher_of", amounts("month", "50元"), YEARLY, [60_000, 0]),
        ("after_deduction", YEARLY, amounts("month", "100元"), [60_000, 60_000]),
        ("after_deduction", amounts("month", "20元"), YEARLY, [24_000, 36_000]),
        ("after_deduction", amounts("month", "20元"), QUARTERLY, [24_000, 36_000]),
        ("after_deduction", amounts("month", "100元"), YEARLY, [120_000, 0]),
        ("additive", YEARLY, amounts("month", "100元"), [60_000, 120_000]),
    ],
)  # fmt: skip
def test_a_year_beside_other_money(rule: str, first: str, second: str, year: list[int]) -> None:
    assert a_year(pair(rule, first, second), OLD) == year


@pytest.mark.parametrize("rule", ["after_deduction", "capped", "additive", "exclusive"])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (amounts("month", "33.33元"), YEARLY),
        (amounts("month", "20元"), QUARTERLY),
        (QUARTERLY, YEARLY),
        (amounts("month", "100元"), YEARLY),
        (amounts("month", "10元"), YEARLY.replace("sum", "year") + QUARTERLY),
    ],
)
def test_what_is_announced_is_what_the_paying_month_pays(
    rule: str, first: str, second: str
) -> None:
    most = ", most: 70元" if rule == "capped" else ""
    both = [member("a", first, rule, 1, most), member("b", second, rule, 2, most)]
    october, december = Month("2026-10"), Month("2026-12")
    people = snapshot_of([OLD], both, october)
    paid = decide_all(both, OLD, december)
    for told, then in zip(decide_all(both, OLD, october), paid, strict=True):
        assert told.coming == (0 if told.amount else then.amount)
        code = told.policy.code
        assert coming(people, code, both, october) == {then.amount: [0]}


def test_a_cap_on_yearly_money_is_told_by_the_year() -> None:
    both = [
        member("a", amounts("month", "100元"), "capped", 1, ", most: 150元"),
        member("b", amounts("year", "1200元", "paid_in: 12"), "capped", 2, ", most: 150元"),
    ]
    [_, yearly] = decide_all(both, OLD, Month("2026-12"))
    assert yearly.stacking[0].says == "几项合计每年最多 1,800 元，其他的已有 1,200 元，发 600 元"


@pytest.mark.parametrize(
    ("most", "year"),
    [("120元", [60_000, 84_000]), ("50元", [60_000, 0]), ("500元", [60_000, 120_000])],
)
def test_several_benefits_come_to_a_sum_at_most(most: str, year: list[int]) -> None:
    both = [
        member("a", YEARLY, "capped", 1, f", most: {most}"),
        member("b", amounts("month", "100元"), "capped", 2, f", most: {most}"),
    ]
    assert a_year(both, OLD) == year


def test_a_cap_counts_what_others_pay_and_waits_for_what_is_unknown() -> None:
    one = [
        member(
            "a", amounts("month", "100元"), "capped", 1, ", most: 150元, outside: [veteran_care]"
        )
    ]
    paid = elder(birth_date="1940-01-01", veteran_care=8_000)
    assert given(one, paid, "2026-06") == [7_000]
    assert given(one, OLD, "2026-06") == [None]


def test_a_quarter_is_paid_in_its_months() -> None:
    one = [parse_policy(source(amounts=QUARTERLY), "p.yaml")]
    paid = [number for number in range(1, 13) if given(one, OLD, f"2027-{number:02d}") != [0]]
    assert paid == [3, 6, 9, 12]


@pytest.mark.parametrize(("rule", "fen"), [("nothing", 0), ("pro_rata", 30_000), ("whole", 60_000)])
def test_what_death_before_the_paying_month_leaves(rule: str, fen: int) -> None:
    table = amounts("year", "600元", f"paid_in: 12\n  by_death: {rule}")
    one = [parse_policy(source("age >= 80 and alive", amounts=table), "p.yaml")]
    dead = elder(birth_date="1940-01-01", death="2026-06-20")
    assert given(one, dead, "2026-05") == [0]
    assert given(one, dead, "2026-06") == [fen]
    assert given(one, dead, "2026-12") == [0]
    assert given(one, elder(birth_date="1940-01-01", death="2026-12-20"), "2026-12") == [60_000]


@pytest.mark.parametrize(
    ("rule", "fen", "month", "year"),
    [
        ("higher_of", "1100元", 10_000, [0, 120_000]),
        ("higher_of", "1300元", 0, [130_000, 110_000]),
        ("exclusive", "1100元", 0, [110_000, 110_000]),
        ("additive", "1100元", 10_000, [110_000, 120_000]),
    ],
)
def test_what_is_paid_once_is_compared_with_a_year(
    rule: str, fen: str, month: int, year: list[int]
) -> None:
    once = amounts("once", fen, "otherwise: 0元").replace("每人,", "每人, when: turns == 87,")
    both = pair(rule, once, amounts("month", "100元"))
    person = elder(birth_date="1940-11-15", hukou="500151001001")
    assert given(both, person, "2027-11")[1] == month
    assert a_year(both, person) == year


@pytest.mark.parametrize(
    ("rule", "by_death", "sums"),
    [
        ("higher_of", "nothing", (0, 50_000)),
        ("higher_of", "pro_rata", (62_500, 0)),
        ("higher_of", "whole", (150_000, 0)),
        ("exclusive", "nothing", (0, 50_000)),
        ("exclusive", "pro_rata", (62_500, 0)),
        ("after_deduction", "nothing", (0, 50_000)),
    ],
)
@pytest.mark.parametrize("day", ["2027-05-10", "2027-05-31"])
def test_what_gave_way_is_owed_when_death_leaves_nothing_of_the_higher(
    rule: str, by_death: str, sums: tuple[int, int], day: str
) -> None:
    yearly = amounts("year", "1500元", f"paid_in: 12\n  by_death: {by_death}")
    both = pair(rule, yearly, amounts("month", "100元"), "age >= 80 and alive")
    dead = elder(birth_date="1940-01-01", death=day)
    found = [given(both, dead, f"2027-{number:02d}") for number in range(1, 13)]
    assert tuple(sum(fen or 0 for fen in each) for each in zip(*found, strict=True)) == sums
    living = elder(birth_date="1940-01-01")
    assert given(both, living, "2027-05") == [0, 0]
    in_december = elder(birth_date="1940-01-01", death="2027-12-10")
    assert given(both, in_december, "2027-05") == [0, 0]
    assert given(both, in_december, "2027-12") == [150_000, 0]


def test_a_day_of_life_at_the_end_of_the_paying_month_counts_too() -> None:
    yearly = amounts("year", "1500元", "paid_in: 12\n  by_death: nothing")
    dates = "{facts: last_day, verified: false}"
    group = "stacking:\n  - {group: both, rule: higher_of, clause: 一, says: 只发一项,"
    both = [
        parse_policy(
            source(
                "age >= 80 and alive", table, dates, code=code,
                more=f"{group} verified: false, order: {order}}}",
            ),
            f"{code}.yaml",
        )
        for order, (code, table) in enumerate(
            [("a", yearly), ("b", amounts("month", "100元"))], start=1
        )
    ]  # fmt: skip
    dead = elder(birth_date="1940-01-01", death="2027-12-10")
    assert [given(both, dead, month) for month in ("2027-01", "2027-11", "2027-12")] == [
        [0, 10_000],
        [0, 10_000],
        [0, 0],
    ]


def test_what_gave_way_says_why_it_is_paid() -> None:
    yearly = amounts("year", "1500元", "paid_in: 12").replace("sum", "year")
    both = pair("higher_of", yearly, amounts("month", "100元"), "age >= 80 and alive")
    dead = elder(birth_date="1940-01-01", death="2027-05-10")
    higher, lower = decide_all(both, dead, Month("2027-05"))
    assert "发放以前去世，按规定不发" in higher.stacking[0].says
    assert lower.stacking[0].result == "instead"
    assert "发放以前去世，按规定不发，所以发这一项" in lower.notice()
    people = snapshot_of([dead, OLD], both, Month("2027-05"))
    [(why, paid)] = instead(people, "b", both, Month("2027-05")).items()
    assert why in lower.notice()
    assert paid == [0]


def test_nobody_is_promised_what_death_leaves_nothing_of() -> None:
    one = parse_policy(source("age >= 80 and alive", amounts=YEARLY), "p.yaml")
    dead = elder(birth_date="1940-01-01", death="2027-05-10")
    decision = decide(one, dead, Month("2027-05"))
    assert (decision.decision, decision.amount, decision.coming) == ("yes", 0, 0)
    assert "12 月" not in decision.notice()
    assert "0 元" not in decision.notice()
    assert "2027 年 5 月没有钱可发：要到发放的月份才发，发放以前去世" in decision.notice()
    people = snapshot_of([dead, OLD], [one], Month("2027-05"))
    assert coming(people, one.code, [one], Month("2027-05")) == {0: [0], 60_000: [1]}


@pytest.mark.parametrize(
    ("began", "born", "since", "months"),
    [
        ("2026-01-01", "1940-01-01", "", 9),
        ("2026-07-01", "1940-01-01", "", 3),
        ("2026-07-01", "1940-01-01", "2020-01-01", 9),
        ("2026-01-01", "1946-08-15", "", 2),
        ("2026-07-01", "1946-08-15", "", 2),
        ("2026-01-01", "1946-03-15", "", 7),
    ],
)
def test_pro_rata_counts_since_the_law_and_the_right_began(
    began: str, born: str, since: str, months: int
) -> None:
    more = "paid_in: 12\n  by_death: pro_rata" + (f"\n  since: {since}" if since else "")
    text = source("age >= 80 and alive", amounts=amounts("year", "600元", more))
    one = [parse_policy(text.replace("2026-01-01", began, 1), "p.yaml")]
    dead = elder(birth_date=born, death="2026-09-10")
    assert given(one, dead, "2026-09") == [5_000 * months]


def test_pro_rata_counts_since_the_last_payment() -> None:
    more = "paid_in: 3\n  by_death: pro_rata"
    one = [parse_policy(source("age >= 80 and alive", amounts("quarter", "90元", more)), "p.yaml")]
    paid = [
        given(one, elder(birth_date="1940-01-01", death=f"2026-{month}-10"), f"2026-{month}")
        for month in ("03", "04", "05")
    ]
    assert paid == [[9_000], [3_000], [6_000]]


def test_pro_rata_asks_who_is_paid_already_what_it_asks_them() -> None:
    more = "paid_in: 12\n  by_death: pro_rata"
    text = source("age >= 80 and alive", amounts=amounts("year", "600元", more))
    text = text.replace(
        "amounts:",
        "  - {id: seen, when: survival >= first_day - 2 months, if_yes: 是, if_no: 否, clause: 一,"
        " phase: go_on}\namounts:",
    )
    one = [parse_policy(text, "p.yaml")]

    def paid(seen: str, *receiving: str) -> list[int | None]:
        dead = elder(receiving, birth_date="1946-04-15", death="2026-09-10", survival=seen)
        return given(one, dead, "2026-09")

    assert paid("2026-08-01") == [30_000]
    assert paid("2026-08-01", "made-up") == [30_000]
    assert paid("2026-01-01", "made-up") == [0]


def test_the_sum_and_the_month_are_named_never_nothing() -> None:
    one = parse_policy(source(amounts=YEARLY), "p.yaml")
    decision = decide(one, OLD, Month("2026-06"))
    assert (decision.amount, money(decision)) == (0, "600 元（12 月发）")
    assert title_of(decision) == "可以享受试写的政策"
    assert "600 元（12 月发）" in decision.notice()
    assert money(decide(one, OLD, Month("2026-12"))) == "600 元"


@pytest.mark.parametrize("more", ["paid_in: 4\n  by_death: all", "paid_in: 4", "by_death: whole"])
def test_wrong_rhythms_are_refused(more: str) -> None:
    with pytest.raises(WrongFile):
        parse_policy(source(amounts=amounts("quarter", "1元", more)), "p.yaml")


@pytest.mark.django_db(transaction=True)
def test_a_yearly_notice_comes_when_it_is_granted_and_when_it_is_paid(
    cast: Cast, own: object
) -> None:
    tongliang_people(cast)
    text = source("age >= 80 and hukou in region", amounts=YEARLY, code="yearly")
    write(own, "yearly.yaml", text)  # type: ignore[arg-type]  # the folder
    told = {}
    for month in ("2026-10", "2026-11", "2026-12", "2027-01"):
        run(SYSTEM, TONGLIANG, Month(month), policy="yearly")
        cycle = noticed(cast.officer, Cycle.objects.get(policy="yearly", month=month))
        notice = Notice.objects.filter(cycle=cycle, elder=cast.mother).first()
        row = Decision.objects.get(cycle=cycle, snapshot=cycle.snapshot, elder=cast.mother)
        told[month] = (Change(row.change), notice.text if notice else "")
    assert told["2026-10"][0] is Change.NEW
    assert "600 元（12 月发）" in told["2026-10"][1]
    assert told["2026-11"] == (Change.SAME, "")
    assert told["2026-12"][0] is Change.CHANGED
    assert "600 元" in told["2026-12"][1]
    assert "0 元。" not in told["2026-12"][1].replace("600 元", "")
    assert told["2027-01"] == (Change.SAME, "")


@pytest.mark.django_db(transaction=True)
def test_nobody_is_written_to_of_nothing(cast: Cast, own: object) -> None:
    tongliang_people(cast)
    once = amounts("once", "1000元", "otherwise: 0元").replace("每人,", "每人, when: turns == 100,")
    text = source("age >= 80 and hukou in region", amounts=once, code="hundred")
    write(own, "hundred.yaml", text)  # type: ignore[arg-type]  # the folder
    run(SYSTEM, TONGLIANG, Month("2026-06"), policy="hundred")
    cycle = noticed(cast.officer, Cycle.objects.get(policy="hundred", month="2026-06"))
    assert cycle.yes > 0
    assert not Notice.objects.filter(cycle=cycle).exists()
    decision = decide(parse_policy(text, "p.yaml"), OLD, Month("2026-06"))
    assert "没有钱可发" in decision.notice()
    assert "0 元" not in decision.notice()
