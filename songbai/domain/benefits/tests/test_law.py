"""Folders of policies of one's own: what is refused, set aside, read anew, takes whose place."""

from pathlib import Path

import pytest

from songbai.core import yaml_file
from songbai.domain.benefits.rules import library
from songbai.domain.benefits.rules.library import life, load
from songbai.domain.benefits.rules.months import Month
from songbai.domain.elders.rules import kinds

from .writing import MONTHLY, source, write

pytestmark = pytest.mark.long

SAYS = "if_yes: 是, if_no: 否, clause: 一}"
FACTS = """
format: songbai-facts/1
elder:
  village_doctor: {name: 村医签约, kind: bool}
"""


def codes() -> set[str]:
    return {policy.code for policy in library.law().policies}


def messages(folder: Path) -> str:
    return "\n".join(problem.message for problem in load([folder]).problems)


def test_a_folder_is_checked_with_its_own_facts(tmp_path: Path) -> None:
    write(tmp_path, "p.yaml", source("village_doctor"))
    assert "没有叫 village_doctor" in messages(tmp_path)
    write(tmp_path, "facts.yaml", FACTS)
    assert messages(tmp_path) == ""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("kind: bool", "kind: boll", "kind 不能是"),
        ("kind: bool", "kind: bool, register: doctor", "catalogues/facts.yaml 里没有 doctor"),
        ("kind: bool", "kind: bool, register: income", "不能当 bool 读"),
        ("kind: bool", "kind: code", "要写 codes"),
        ("kind: bool", "kind: whole", "要写 low 和 high"),
        ("kind: bool", "kind: bool, missing: maybe", "只能写 true、false"),
        ("village_doctor", "age", "不能作情况的名称"),
    ],
)
def test_a_wrong_list_of_facts_says_where(tmp_path: Path, old: str, new: str, says: str) -> None:
    write(tmp_path, "facts.yaml", FACTS.replace(old, new))
    [problem] = [p for p in load([tmp_path]).problems if says in p.message]
    assert problem.line == 4


@pytest.mark.parametrize(
    "said",
    [
        "hukou: {name: 户籍, kind: bool}",
        "hardship: {name: 困难身份, kind: code, codes: {dibao: [9, 低保]}}",
    ],
)
def test_a_list_of_ones_own_does_not_change_what_the_programs_law_asks_for(
    own: Path, said: str
) -> None:
    before = codes()
    write(own, "facts.yaml", f"format: songbai-facts/1\nelder:\n  {said}\n")
    assert codes() == before
    [problem] = library.law().problems
    assert (problem.file, problem.line) == (str(own / "facts.yaml"), 3)
    assert "不能改" in problem.message


@pytest.mark.parametrize(
    ("when", "row", "ok"),
    [
        ("age >= 80", "", False),
        ("age >= 80", "when: turns == 100, ", True),
        ("turns in [90, 100]", "", True),
        ("age >= 80", "when: turns == 100 or hardship == dibao, ", False),
        ("age >= 80", "when: turns != 100, ", False),
    ],
)
def test_what_is_paid_once_is_paid_in_one_month_only(
    tmp_path: Path, when: str, row: str, ok: bool
) -> None:
    amounts = MONTHLY.replace("unit: month", "unit: once\n  otherwise: 0元")
    text = source(when, amounts.replace("label: 每人, ", f"label: 每人, {row}"))
    write(tmp_path, "p.yaml", text)
    assert ("每个月都会再发一次" in messages(tmp_path)) is not ok


@pytest.mark.parametrize(
    ("when", "more", "ok"),
    [
        ("age >= 80", "", False),
        ("age >= 80", "after_death: paid", True),
        ("age >= 80 and alive", "", True),
        ("age >= 80 and (alive or hardship == dibao)", "", False),
        ("age >= 80 and death >= first_day - 3 months", "", True),
        ("survival >= first_day - 12 months", "", False),
    ],
)
def test_the_dead_are_paid_only_where_the_file_says_so(
    tmp_path: Path, when: str, more: str, ok: bool
) -> None:
    text = source(when).replace("after_death: paid", "") + f"\n{more}\n"
    write(tmp_path, "p.yaml", text)
    assert ("去世的人也会一直发" in messages(tmp_path)) is not ok


@pytest.mark.parametrize(
    ("day", "since", "says"),
    [
        ("first_day", "", ""),
        ("last_day", "", "by_death 的钱发不出"),
        ("first_day", "since: 2020-02-30", "since 要写日期"),
    ],
)
def test_money_left_by_a_death_can_be_paid(tmp_path: Path, day: str, since: str, says: str) -> None:
    more = f"paid_in: 12\n  by_death: pro_rata\n  {since}"
    table = MONTHLY.replace("unit: month", f"unit: year\n  {more}")
    dates = f"{{facts: {day}, verified: false}}"
    write(tmp_path, "p.yaml", source("age >= 80 and alive", table, dates))
    assert says in (found := messages(tmp_path))
    assert bool(found) == bool(says)


def test_a_law_that_went_on_says_since_when_it_counts(tmp_path: Path) -> None:
    more = "paid_in: 12\n  by_death: pro_rata"
    table = MONTHLY.replace("unit: month", f"unit: year\n  {more}")
    text = source("age >= 80 and alive", table)
    until = text.replace("valid_from: 2026-01-01", "valid_from: 2025-01-01\nvalid_to: 2025-12-31")
    write(tmp_path, "old.yaml", until)
    write(tmp_path, "new.yaml", text)
    assert "要写 since" in messages(tmp_path)
    write(tmp_path, "new.yaml", text.replace("pro_rata", "pro_rata\n    since: 2025-01-01"))
    assert messages(tmp_path) == ""


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("区高龄津贴（2026）", ""),
        ('"区高龄\\n津贴"', "看不见的字符"),
        ('"区高龄\\u202e津贴"', "看不见的字符"),
        ("区高龄\u200b津贴", "看不见的字符"),
        ("<script>alert(1)</script>", "不能有 < 和 >"),
    ],
)
def test_a_name_is_what_people_see(tmp_path: Path, name: str, says: str) -> None:
    write(tmp_path, "p.yaml", source().replace("name: 试写的政策", f"name: {name}"))
    assert (says in (found := messages(tmp_path))) and bool(found) == bool(says)


def test_what_looks_like_a_policy_and_is_not_read_is_named(tmp_path: Path) -> None:
    write(tmp_path, "p.yaml", source())
    write(tmp_path, "q.YAML", source(code="other"))
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere.yaml")
    found = load([tmp_path])
    said = {Path(problem.file).name: problem.message for problem in found.problems}
    assert said.keys() == {"q.YAML", "gone.yaml"}
    assert "没有读" in said["q.YAML"]
    assert "链接" in said["gone.yaml"]
    assert [policy.code for policy in found.policies] == ["made-up"]


def test_what_was_law_before_ones_own_stays_law(own: Path) -> None:
    before = life(library.law().policies, "longevity-tongliang", Month("2026-06"))
    assert before
    text = source(code="longevity-tongliang").replace("2026-01-01", "2026-08-01")
    write(own, "mine.yaml", text)
    lives = [p for p in library.law().policies if p.code == "longevity-tongliang"]
    still = life(lives, "longevity-tongliang", Month("2026-06"))
    assert still
    assert (still.file, still.amounts) == (before.file, before.amounts)
    assert still.in_force(Month("2026-07"))
    mine = life(lives, "longevity-tongliang", Month("2026-08"))
    assert mine
    assert mine.file == str(own / "mine.yaml")
    assert [p.file for p in lives if p.in_force(Month("2026-08"))] == [mine.file]


@pytest.mark.parametrize("code", ["500999", "500151999", "99"])
def test_a_region_that_does_not_exist_is_refused(tmp_path: Path, code: str) -> None:
    write(tmp_path, "p.yaml", source().replace('"500151"', f'"{code}"'))
    assert f"没有 {code} 这个地区" in messages(tmp_path)
    write(tmp_path, "p.yaml", source(f'hukou in "{code}"'))
    assert f"没有 {code} 这个地区" in messages(tmp_path)


@pytest.mark.parametrize(
    ("when", "first", "second"),
    [
        ("age >= 80", "age >= 80", "age >= 90"),
        ("age >= 80", "age >= 90", "age < 70"),
        ("hardship == dibao", "age >= 90", "hardship == tekun"),
        ("income <= 770元", "income > 770元", "age >= 60"),
        ("alive", "death <= first_day - 1 days", "age >= 60"),
    ],
)
def test_a_row_that_can_never_apply_is_refused(
    tmp_path: Path, when: str, first: str, second: str
) -> None:
    rows = "".join(
        f"\n    - {{id: r{n}, label: 行, when: '{w}', amount: 1元, verified: false}}"
        for n, w in enumerate((first, second))
    )
    amounts = f"- id: monthly\n  name: 每月\n  unit: month\n  otherwise: 0元\n  rows:{rows}"
    write(tmp_path, "p.yaml", source(when, amounts=amounts))
    assert "这一行永远用不到" in messages(tmp_path)


@pytest.mark.parametrize(
    "when",
    [
        "age >= 80 and age < 75",
        "alive and age >= 80 and age < 75",
        "hukou in region and alive and not (age < 80) and age < 75",
        "turns == 100 and age < 99",
        "birth_date <= 1940-01-01 and age < 60",
        "hardship == dibao and hardship == tekun",
    ],
)
def test_conditions_nobody_can_meet_are_refused(tmp_path: Path, when: str) -> None:
    write(tmp_path, "p.yaml", source(when))
    assert "谁也不会都符合" in messages(tmp_path)
    first, _, second = when.rpartition(" and ")
    more = f"  - {{id: more, when: '{second}', {SAYS}\n  - {{id: only"
    write(tmp_path, "p.yaml", source(first).replace("  - {id: only", more))
    assert "谁也不会都符合" in messages(tmp_path)


def test_who_starts_and_who_goes_on_may_be_asked_opposite_things(tmp_path: Path) -> None:
    more = f"  - {{id: more, when: 'age >= 85', phase: go_on, {SAYS}\n  - {{id: only"
    write(tmp_path, "p.yaml", source("age < 85", phase="start").replace("  - {id: only", more))
    assert messages(tmp_path) == ""


@pytest.mark.parametrize(
    ("unit", "ends", "paid"),
    [("year", "2026-06-30", 12), ("quarter", "2026-02-28", 3), ("year", "2026-12-31", None)],
)
def test_money_whose_month_never_comes_is_refused(
    tmp_path: Path, unit: str, ends: str, paid: int | None
) -> None:
    rhythm = f"unit: {unit}\n  paid_in: {paid or 12}"
    amounts = MONTHLY.replace("unit: month", rhythm)
    write(tmp_path, "p.yaml", source(amounts=amounts, more=f"valid_to: {ends}"))
    assert ("永远发不出" in messages(tmp_path)) == (paid is not None)


@pytest.mark.parametrize("cap", ["0元", "99元"])
def test_a_limit_under_every_row_is_refused(tmp_path: Path, cap: str) -> None:
    write(tmp_path, "p.yaml", source(more=f"cap: {cap}"))
    assert "哪一行也发不全" in messages(tmp_path)


@pytest.mark.parametrize(
    "when",
    ["death >= last_day + 9999 years", "death <= last_day - 2401 months", "death <= 0001-01-01"],
)
def test_a_day_no_law_speaks_of_is_refused(tmp_path: Path, when: str) -> None:
    write(tmp_path, "p.yaml", source(when))
    assert messages(tmp_path)


SHARE = """
- {id: share, name: 比例, unit: percent, percent_of: home_spend,
   rows: [{id: all, label: 每人, percent: 101%, verified: false}]}
"""


def test_nobody_gets_more_than_the_bill(tmp_path: Path) -> None:
    write(tmp_path, "p.yaml", source(amounts=SHARE, more="cap: 800元"))
    assert "最多 100%" in messages(tmp_path)
    write(tmp_path, "p.yaml", source(amounts=SHARE.replace("101%", "100%"), more="cap: 800元"))
    assert messages(tmp_path) == ""


ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@pytest.mark.parametrize(
    "written",
    ["100元", "500151", "2026-01-01", "80", "12个月", "7.5元", "paid_in: 12", "3 months", "60%"],
)
def test_numbers_are_written_in_the_digits_of_the_documentation(
    tmp_path: Path, written: str
) -> None:
    text = source(
        "age >= 80 and income > line and death < first_day - 3 months",
        amounts=MONTHLY.replace("unit: month", "unit: year\n  paid_in: 12")
        + SHARE.replace("101%", "60%"),
        more="cap: 800元\nparameters: {line: 7.5元}\nnote: 12个月",
    )
    write(tmp_path, "p.yaml", text)
    assert messages(tmp_path) == ""
    write(tmp_path, "p.yaml", text.replace(written, written.translate(ARABIC)))
    assert bool(messages(tmp_path)) == (written != "12个月")


def test_a_range_upside_down_is_refused(tmp_path: Path) -> None:
    text = "format: songbai-facts/1\nelder:\n  steps: {name: 步数, kind: whole, low: 9, high: 3}"
    write(tmp_path, "facts.yaml", text)
    assert "high 不能小于 low" in messages(tmp_path)


def test_one_wrong_file_is_set_aside_and_all_others_are_law(own: Path) -> None:
    before = codes()
    write(own, "good.yaml", source(code="good"))
    write(own, "bad.yaml", source("agee >= 80", code="bad"))
    assert codes() == before | {"good"}
    [problem] = library.law().problems
    assert "bad.yaml" in problem.file


def test_two_that_do_not_agree_are_both_set_aside(own: Path) -> None:
    write(own, "a.yaml", source(code="twice"))
    write(own, "b.yaml", source(code="twice"))
    assert "twice" not in codes()


def test_ones_own_file_takes_the_place_of_the_programs(own: Path) -> None:
    write(own, "ours.yaml", source(code="longevity-bishan"))
    found = [policy for policy in library.law().policies if policy.code == "longevity-bishan"]
    held = [policy.name for policy in found if policy.in_force(Month("2026-06"))]
    assert held == ["试写的政策"]


def test_a_wrong_file_of_ones_own_does_not_bring_the_programs_back(own: Path) -> None:
    write(own, "ours.yaml", source("agee >= 80", code="longevity-bishan"))
    assert "longevity-bishan" not in codes()


def test_a_changed_file_is_law_once_it_rested(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(own, "p.yaml", source(code="first"))
    assert "first" in codes()
    monkeypatch.setattr(library, "REST_SECONDS", 60)
    write(own, "p.yaml", source(code="second-one"))
    assert "first" in codes()
    monkeypatch.setattr(library, "REST_SECONDS", 0)
    assert "second-one" in codes()
    assert "first" not in codes()


def test_a_folder_that_is_not_there_is_shown(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONGBAI_POLICIES", str(own / "nowhere"))
    assert [p.message for p in library.law().problems] == [
        "没有这个文件夹，请检查 SONGBAI_POLICIES。"
    ]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"column": ""}, "要写 column"),
        ({"column": "hardshp"}, "不在登记里"),
        ({"low": 9, "high": 3}, "below low"),
    ],
)
def test_a_kind_without_its_column_is_an_error_that_says_so(
    change: dict[str, str], says: str
) -> None:
    raw = yaml_file.read(kinds.FILE)
    raw["kinds"]["hardship"] |= change
    with pytest.raises(kinds.WrongCatalogue, match=says):
        kinds.parse(raw)
