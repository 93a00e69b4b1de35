"""What a notice may ask for is written in files, without code; one by one and as a table alike."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from songbai.core.accounts.rules import SYSTEM
from songbai.domain.benefits.actions.cycles import run
from songbai.domain.benefits.models import Cycle
from songbai.domain.benefits.queries.cycles import policies_of, policy_of
from songbai.domain.benefits.queries.explain import explain
from songbai.domain.benefits.rules import Month
from songbai.domain.benefits.rules.cycle import Outcome
from songbai.domain.benefits.rules.evaluate import decide
from songbai.domain.benefits.rules.facts import Sheet
from songbai.domain.benefits.rules.library import ended, in_force, load
from songbai.domain.benefits.rules.statements import sheet_from
from songbai.domain.benefits.worked import tried
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.domain.elders.models import Elder
from tests.cast import Cast

from .alike import given, tables_agree  # noqa: F401
from .cycles import LONG_AGO, TONGLIANG, decision, run_month, say, tongliang_people
from .writing import elder, policy, source, write

# Every example asks an engine.
pytestmark = pytest.mark.slow
JUNE = "2026-06"
FACTS = """
format: songbai-facts/1
elder:
  hukou_kind: {name: 户口性质, kind: code, codes: {urban: [1, 城镇], rural: [2, 农村]}}
"""
FIGURES = """
format: songbai-figures/1
figures:
  line_urban: {name: 城市低保标准, from: {2025-01-01: 700元, 2026-07-01: 770.50元}}
  line_rural: {name: 农村低保标准, from: {2025-01-01: 600元}}
"""
LONG = "hukou in region and hukou_since <= first_day - 5 years"
POOR = "(hukou_kind == urban and income <= urban) or (hukou_kind == rural and income <= rural)"
LINES = "parameters: {urban: 1.5 × line_urban, rural: 1.5 × line_rural}"


def folder(path: Path, **files: str) -> Path:
    """A folder of these files."""
    for name, text in files.items():
        write(path, f"{name}.yaml", text)
    return path


@pytest.mark.parametrize(
    ("month", "kind", "income", "fen"),
    [
        ("2026-06", "urban", 105_000, 10_000),
        ("2026-06", "urban", 105_001, 0),
        ("2026-07", "urban", 115_575, 10_000),
        ("2026-07", "urban", 115_576, 0),
        ("2026-07", "rural", 90_000, 10_000),
        ("2026-07", "rural", 90_001, 0),
    ],
)
def test_a_line_follows_a_figure_of_its_own_dates(
    tmp_path: Path, month: str, kind: str, income: int, fen: int
) -> None:
    path = folder(tmp_path, facts=FACTS, figures=FIGURES, p=source(POOR, more=LINES))
    [one] = in_force(load([path]).policies, Month(month))
    sheet = sheet_in(path, hukou_kind=kind, income=income)
    assert given([one], sheet, month) == [fen]
    assert "×" not in one.text


def sheet_in(path: Path, **facts: object) -> Sheet:
    return sheet_from({"subject": "elder", "facts": facts}, load([path]).facts["elder"])


def test_the_text_of_one_that_ended_has_its_figures_too(tmp_path: Path) -> None:
    text = source("income <= urban", more="parameters: {urban: 1.5 × line_urban}")
    text = text.replace("2026-01-01", "2026-01-01\nvalid_to: 2026-05-31")
    path = folder(tmp_path, figures=FIGURES, p=text)
    [one] = ended(load([path]).policies, Month(JUNE))
    assert "urban: 1050.00元" in one.text


def test_a_figure_nobody_wrote_is_told(tmp_path: Path) -> None:
    path = folder(
        tmp_path, p=source("income <= urban", more="parameters: {urban: 1.5 × line_urban}")
    )
    assert "figures.yaml" in "".join(one.message for one in load([path]).problems)


BY_OTHER = 'granted "first" and not ltci_insured'


@pytest.mark.parametrize(
    ("facts", "fen"),
    [
        ({"birth_date": "1940-01-01", "ltci_insured": False}, [10_000, 10_000]),
        ({"birth_date": "1980-01-01", "ltci_insured": False}, [0, 0]),
        ({"birth_date": "1940-01-01", "ltci_insured": True}, [10_000, 0]),
        ({"ltci_insured": False}, [None, None]),
    ],
)
def test_a_condition_on_the_decision_of_another_policy(
    tmp_path: Path, facts: dict[str, Any], fen: list[int | None]
) -> None:
    path = folder(tmp_path, a=source(code="first"), b=source(BY_OTHER, code="second"))
    library = load([path])
    assert not library.problems
    assert given(in_force(library.policies, Month(JUNE)), elder(**facts), JUNE) == fen


def test_nobody_is_granted_what_is_no_law(tmp_path: Path) -> None:
    ended = source(code="first").replace("2026-01-01", "2026-01-01\nvalid_to: 2026-03-31")
    path = folder(tmp_path, a=ended, b=source('granted "first"', code="second"))
    old = elder(birth_date="1940-01-01")
    assert given(in_force(load([path]).policies, Month(JUNE)), old, JUNE) == [0]


@pytest.mark.parametrize(
    ("first", "says"),
    [
        (source('granted "second"', code="first"), "不能互相指"),
        (source(code="other"), "first 没有"),
        (source(code="first", phase="go_on"), "不能指它"),
    ],
)
def test_names_that_cannot_be_are_refused(tmp_path: Path, first: str, says: str) -> None:
    path = folder(tmp_path, a=first, b=source('granted "first"', code="second"))
    assert says in " ".join(problem.message for problem in load([path]).problems)


HOURS = """
- id: care
  name: 居家服务
  unit: hour
  price: 40元
  rows:
    - {id: heavy, label: 重度, when: ability_level >= 3, hours: 20, verified: false}
    - {id: others, label: 其他, hours: 10, verified: false}
"""


def test_hours_of_service_are_a_benefit() -> None:
    one = policy(amounts=HOURS)
    heavy = elder(birth_date="1940-01-01", ability_level=3)
    assert given([one], heavy, JUNE) == [80_000]
    assert given([one], elder(birth_date="1940-01-01", ability_level=1), JUNE) == [40_000]
    found = decide(one, heavy, Month(JUNE))
    assert "20 小时服务（折合 800 元）" in found.notice()
    assert "20 小时，每小时按 40 元" in found.lines[0].says


@pytest.mark.parametrize(
    ("most", "says"),
    [
        (500, "12.5 小时服务（折合 500 元）"),
        (510, "约 12.8 小时服务（折合 510 元）"),
        (480, "12 小时"),
    ],
)
def test_hours_cut_down_by_a_cap_are_what_the_money_is(most: int, says: str) -> None:
    group = f"stacking: [{{group: g, rule: capped, order: 1, most: {most}元,"
    one = policy(amounts=HOURS, more=f"{group} clause: 一, says: 合计, verified: false}}]")
    found = decide(one, elder(birth_date="1940-01-01", ability_level=3), Month(JUNE))
    assert found.amount == most * 100
    assert says in found.notice()


def test_another_benefit_is_taken_off_down_to_nothing() -> None:
    group = "stacking: [{group: g, rule: after_deduction, order: 1, outside: [veteran_care],"
    one = policy(more=f"{group} clause: 一, says: 补差, verified: false}}]")
    for other, left in ((0, 10_000), (3_000, 7_000), (10_000, 0), (20_000, 0)):
        assert given([one], elder(birth_date="1940-01-01", veteran_care=other), JUNE) == [left]


@pytest.mark.parametrize(
    ("death", "fen"),
    [("2026-06-14", 0), ("2026-06-15", 10_000), ("2026-06-16", 10_000), (None, 10_000)],
)
def test_death_against_a_birthday(death: str | None, fen: int) -> None:
    """The hundredth birthday is on the 15th: it must be lived to see."""
    died: dict[str, Any] = {"death": death} if death else {}
    sheet = elder(birth_date="1926-06-15", **died)
    assert given([policy("turns == 100")], sheet, JUNE) == [fen]


@pytest.mark.parametrize(
    ("hukou", "fen"),
    [
        ({"value": "500151001001", "from": "2021-06-01"}, 10_000),
        ({"value": "500151001001", "from": "2021-06-02"}, 0),
        ({"value": "500152001001", "from": "2001-01-01"}, 0),
    ],
)
def test_since_when_a_fact_has_stood(hukou: dict[str, str], fen: int) -> None:
    since = hukou["from"]
    one = policy(LONG)
    assert given([one], elder(hukou=hukou, hukou_since=since), JUNE) == [fen]


def test_amounts_that_stand_for_whoever_had_them() -> None:
    library = load([Path(__file__).resolve().parents[4] / "policies" / "chongqing"])
    cases = [one for one in tried(library) if "居家个人护理" in one.case.name]
    assert [one.wrong for one in cases] == [()] * 3


@pytest.mark.django_db(transaction=True)
class TestOfTheRecord:
    def test_the_hukou_of_five_years_is_read_from_the_register(self, cast: Cast, own: Path) -> None:
        write(own, "long.yaml", source(LONG, code="long"))
        for one, since in ((cast.mother, "2015-01-01"), (cast.neighbour, "2024-01-01")):
            say(one, "gongan", "hukou", one.region_id, valid_from=since)
        cycle = run_month("2026-10", "long")["long"]
        assert [outcome_of(cycle, one) for one in (cast.mother, cast.neighbour)] == [1, None]
        for one in (cast.mother, cast.neighbour):
            entry = explain(SYSTEM, one, Month("2026-10"), purpose="看", where="/").of("long")
            assert entry is not None
            assert entry.agrees

    @pytest.mark.parametrize(
        ("lived", "outcome"),
        [
            ([("500151001001", "2010-01-01"), ("500151002001", "2024-05-01")], Outcome.YES),
            ([("500151001001", "2010-01-01"), ("500152001001", "2024-05-01")], None),
            ([("500152001001", "2010-01-01"), ("500151001001", "2024-05-01")], None),
            (
                [
                    ("500151001001", "2010-01-01"),
                    ("500152001001", "2020-01-01"),
                    ("500151002001", "2023-01-01"),
                ],
                None,
            ),
            ([("500151001001", "2010-01-01", "2019-12-31"), ("500151002001", "2023-01-01")], None),
        ],
        ids=["within", "away", "came", "back", "gap"],
    )
    @pytest.mark.parametrize("decided", [False, True])
    def test_a_move_inside_the_district_begins_no_new_years(
        self,
        cast: Cast,
        own: Path,
        lived: list[tuple[str, ...]],
        outcome: int | None,
        *,
        decided: bool,
    ) -> None:
        write(own, "long.yaml", source(LONG, code="long"))
        for row, (place, *during) in enumerate(lived):
            begins, ends = [date.fromisoformat(day) for day in during] + [None] * (2 - len(during))
            new = NewFact("hukou", place, str(row), LONG_AGO, begins, ends)
            record_facts(SYSTEM, cast.mother, [new], source="gongan")
        if decided:
            last = NewFact("hukou", lived[-1][0], valid_from=date.fromisoformat(lived[-1][1]))
            record_facts(SYSTEM, cast.mother, [last], source="decision", reason="核过户口本")
        cycle = run_month("2026-10", "long")["long"]
        assert outcome_of(cycle, cast.mother) == outcome
        entry = explain(SYSTEM, cast.mother, Month("2026-10"), purpose="看", where="/").of("long")
        assert entry is None or entry.agrees

    def test_what_was_decided_by_another_policy_stays_readable(self, cast: Cast, own: Path) -> None:
        tongliang_people(cast)
        say(cast.mother, "yibao", "ltci_insured", "false")
        folder(own, a=source(code="first"), b=source(BY_OTHER, code="second"))
        run(SYSTEM, TONGLIANG, Month("2026-10"), policy="second")
        cycle = Cycle.objects.get(policy="second")
        write(own, "a.yaml", source("age >= 100", code="first"))
        assert {one.code for one in policies_of(cycle.snapshot)} == {"first", "second"}
        assert [fact for fact in policy_of(cycle).fact_keys if fact == "birth_date"]
        assert outcome_of(cycle, cast.mother) == Outcome.YES
        entry = explain(SYSTEM, cast.mother, Month("2026-10"), purpose="看", where="/").of("second")
        assert entry is not None
        assert entry.agrees


def outcome_of(cycle: Cycle, one: Elder) -> int | None:
    found = decision(cycle, one)
    return found.outcome if found else None
