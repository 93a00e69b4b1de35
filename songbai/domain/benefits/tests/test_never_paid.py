"""What never comes to be paid stands before nothing, whatever the reason."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from songbai.core.accounts.rules import SYSTEM
from songbai.domain.benefits.actions.correcting import find_corrections
from songbai.domain.benefits.actions.paying import pay
from songbai.domain.benefits.bank import RecordingBank
from songbai.domain.benefits.models import Arrears, Notice
from songbai.domain.benefits.population import instead, snapshot_of
from songbai.domain.benefits.rules import Month, Policy, decide_all
from songbai.domain.benefits.rules.library import load
from songbai.domain.benefits.rules.reading import parse_policy
from songbai.domain.elders.actions.facts import NewFact, record_facts
from tests.cast import Cast

from .alike import given, tables_agree  # noqa: F401
from .cycles import LONG_AGO, another_officer, approved, noticed, run_month, say, tongliang_people
from .payments import started
from .test_rhythms import amounts
from .writing import elder, source, write

pytestmark = pytest.mark.slow
WHEN = "age >= 80 and alive and residence in region"
HERE, AWAY = "500151001001", "500106001001"
EVERY_MONTH = amounts("month", "100元")


def yearly(by_death: str) -> str:
    return amounts("year", "3600元", f"paid_in: 10\n  by_death: {by_death}")


def text(code: str, table: str, rule: str, order: int, when: str = WHEN, life: str = "") -> str:
    group = (
        f"stacking:\n  - {{group: both, rule: {rule}, order: {order}, clause: 一, says: 只发一项,"
        f" verified: false}}\n{life}"
    )
    return source(when, amounts=table, code=code, more=group).replace("2026-01-01", "2020-01-01", 1)


def pair(rule: str, by_death: str = "nothing", when: str = WHEN, life: str = "") -> list[Policy]:
    first = text("a", yearly(by_death), rule, 1, when, life)
    return [parse_policy(one, "p.yaml") for one in (first, text("b", EVERY_MONTH, rule, 2))]


RIGHTS = ["nothing", "pro_rata", "whole"]
RULES = ["exclusive", "higher_of"]


def monthly_of(both: list[Policy], person: object, months: list[str]) -> list[int | None]:
    """What the second pays; said by one evaluator only."""
    return [decide_all(both, person, Month(month))[1].amount for month in months]  # type: ignore[arg-type]


@pytest.mark.parametrize("by_death", RIGHTS)
@pytest.mark.parametrize("rule", RULES)
def test_who_moves_away_before_the_paying_month_keeps_what_gave_way(
    rule: str, by_death: str
) -> None:
    both = pair(rule, by_death)
    moved = elder(
        birth_date="1940-01-01",
        residence=[{"value": HERE, "to": "2026-09-09"}, {"value": AWAY, "from": "2026-09-10"}],
    )
    months = ["2025-11", "2026-08", "2026-09", "2026-10"]
    assert monthly_of(both, moved, months) == [10_000, 10_000, 10_000, 0]
    told = decide_all(both, moved, Month("2026-08"))
    assert [one.amount for one in told] == [0, 10_000]
    assert told[1].stacking[0].result == "instead"
    assert "到那时不符合条件，不会发，所以发这一项" in told[1].notice()
    assert given(both, elder(birth_date="1940-01-01", residence=HERE), "2026-08") == [0, 0]


@pytest.mark.parametrize("row", [False, True])
@pytest.mark.parametrize("rule", RULES)
def test_who_loses_a_condition_or_a_row_before_the_paying_month(rule: str, row: bool) -> None:
    table = yearly("pro_rata")
    if row:
        table = table.replace("rows:", "otherwise: 0元\n  rows:")
        table = table.replace("每人,", "每人, when: hardship == dibao,")
    when = WHEN if row else f"{WHEN} and hardship == dibao"
    first = parse_policy(text("a", table, rule, 1, when), "p.yaml")
    both = [first, parse_policy(text("b", EVERY_MONTH, rule, 2), "p.yaml")]
    poor = {"value": "dibao", "to": "2026-07-31"}
    richer = elder(
        birth_date="1940-01-01",
        residence=HERE,
        hardship=[poor, {"value": "none", "from": "2026-08-01"}],
    )
    assert monthly_of(both, richer, ["2026-05", "2026-08", "2026-10"]) == [10_000] * 3
    known = elder(birth_date="1940-01-01", residence=HERE, hardship="dibao")
    assert given(both, known, "2026-05") == [0, 0]


def test_time_alone_takes_no_right_that_can_be_proved_again() -> None:
    when = f"{WHEN} and survival >= first_day - 12 months"
    both = pair("higher_of", when=when)
    seen = elder(birth_date="1940-01-01", residence=HERE, survival="2026-02-01")
    assert given(both, seen, "2026-08") == [0, 0]
    assert given(both, seen, "2026-12") == [0, 0]


def test_a_right_that_an_age_ends_is_known_to_both() -> None:
    both = pair("higher_of", when=f"{WHEN} and age < 90")
    old = elder(birth_date="1937-06-15", residence=HERE)
    months = [given(both, old, f"2027-{number:02d}") for number in (1, 5, 6, 10)]
    assert months == [[0, 10_000]] * 4
    assert given(both, old, "2026-09") == [0, 0]
    people = snapshot_of([old], both, Month("2027-01"))
    [why] = instead(people, "b", both, Month("2027-01"))
    assert "到那时不符合条件，不会发，所以发这一项" in why


@pytest.mark.parametrize("by_death", RIGHTS)
@pytest.mark.parametrize("rule", RULES)
def test_a_law_that_ends_before_its_paying_month_stands_before_nothing(
    rule: str, by_death: str
) -> None:
    both = pair(rule, by_death, life="valid_to: 2026-08-31")
    living = elder(birth_date="1940-01-01", residence=HERE)
    assert given(both, living, "2025-09") == [0, 0]
    assert given(both, living, "2025-10") == [360_000, 0]
    for month in ("2025-11", "2026-08"):
        assert given(both, living, month) == [0, 10_000]
    told = decide_all(both, living, Month("2026-08"))
    assert (told[0].coming, told[1].stacking[0].result) == (0, "instead")
    assert "发放以前政策到期，不会再发，所以发这一项" in told[1].notice()
    people = snapshot_of([living], both, Month("2026-08"))
    [(why, who)] = instead(people, "b", both, Month("2026-08")).items()
    assert "发放以前政策到期" in why and who == [0]


@pytest.mark.parametrize(
    ("by_death", "july"),
    [("nothing", [0, 10_000]), ("pro_rata", [270_000, 0]), ("whole", [360_000, 0])],
)
def test_death_before_a_law_ends_leaves_what_it_leaves(by_death: str, july: list[int]) -> None:
    both = pair("exclusive", by_death, life="valid_to: 2026-08-31")
    dead = elder(birth_date="1940-01-01", residence=HERE, death="2026-07-10")
    assert given(both, dead, "2026-07") == july
    assert given(both, dead, "2026-03") == [0, 0 if july[0] else 10_000]
    later = elder(birth_date="1940-01-01", residence=HERE, death="2026-09-10")
    assert given(both, later, "2026-08") == [0, 10_000]


def test_a_law_that_goes_on_in_another_life_stands(tmp_path: Path) -> None:
    old = text("a", yearly("nothing"), "exclusive", 1, life="valid_to: 2026-08-31")
    new = text("a", yearly("nothing"), "exclusive", 1).replace("2020-01-01", "2026-09-01", 1)
    write(tmp_path, "old.yaml", old)
    write(tmp_path, "month.yaml", text("b", EVERY_MONTH, "exclusive", 2))
    read = load([tmp_path])
    assert not read.problems
    assert ["永远发不出" in str(note) for note in read.notes] == [True]
    living = elder(birth_date="1940-01-01", residence=HERE)
    month = Month("2026-03")

    def found() -> list[int | None]:
        both = [p for p in load([tmp_path]).policies if p.in_force(month)]
        return given(sorted(both, key=lambda p: p.code), living, "2026-03")

    assert found() == [0, 10_000]
    write(tmp_path, "new.yaml", new)
    assert not load([tmp_path]).notes
    assert found() == [0, 0]
    [kept] = [p for p in load([tmp_path]).policies if p.code == "a" and p.valid_to]
    assert parse_policy(kept.text, "p.yaml").followed


def test_two_own_folders_do_not_hide_each_others_law(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("house", "own", "own2")]
    for folder in folders:
        folder.mkdir()
        write(folder, f"{folder.name}.yaml", source())
    found = load(folders, later_wins=True)
    assert [str(p) for p in found.problems if "有效期重叠" in str(p)]
    assert not found.policies
    assert not load(folders[:2], later_wins=True).problems


def year(life: str = "") -> str:
    """A yearly sum of August for who was seen in twelve months."""
    when = "age >= 80 and alive and hukou in region and survival >= first_day - 12 months"
    in_august = yearly("nothing").replace("10", "8", 1)
    return text("year", in_august, "higher_of", 1, when, life)


def moved(cast: Cast, own: Path) -> None:
    """She moves away in July."""
    fact = NewFact("hukou", AWAY, "new", LONG_AGO, date(2026, 7, 20))
    record_facts(SYSTEM, cast.mother, [fact], source="gongan", reason="部门数据")


def unseen(cast: Cast, own: Path) -> None:
    """Nothing is said: she was seen a year ago."""


def ended(cast: Cast, own: Path) -> None:
    """The law ends before August."""
    write(own, "year.yaml", year("valid_to: 2026-07-31"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("happens", "cause", "seen"),
    [
        (moved, "hukou", "2026-05-15"),
        (unseen, "stacking", "2025-07-15"),
        (ended, "policy", "2026-05-15"),
    ],
)
def test_corrections_find_the_months_before(
    cast: Cast, own: Path, happens: Callable[[Cast, Path], None], cause: str, seen: str
) -> None:
    write(own, "year.yaml", year())
    write(own, "month.yaml", text("monthly", EVERY_MONTH, "higher_of", 2, "age >= 80 and alive"))
    tongliang_people(cast)
    say(cast.mother, "renshe", "survival", seen)
    say(cast.neighbour, "renshe", "survival", "2026-05-15")
    for month in ("2026-06", "2026-07"):
        cycle = run_month(month, "monthly")["monthly"]
        assert cycle.yes == 0
        list_ = approved(cast.officer, another_officer(), cycle)
        pay(SYSTEM, RecordingBank(), started(cast, list_).pk)
    happens(cast, own)
    cycle = run_month("2026-08", "monthly")["monthly"]
    people = 2 if happens is ended else 1
    assert find_corrections(SYSTEM, cycle) == (2 * people, 0)
    assert find_corrections(SYSTEM, cycle) == (0, 0)
    rows = Arrears.objects.filter(elder=cast.mother).values_list("month", "amount", "cause")
    assert set(rows) == {("2026-06", 10_000, cause), ("2026-07", 10_000, cause)}
    noticed(cast.officer, cycle)
    [told] = Notice.objects.filter(cycle=cycle, elder=cast.mother)
    assert "另补发2026 年 6 月到 2026 年 7 月共 200 元" in told.text
