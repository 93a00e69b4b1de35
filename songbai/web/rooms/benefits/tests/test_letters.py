"""The benefits letter: what one gets and why, what not yet, how to object; masked, repeatable."""

from datetime import UTC, datetime

import pytest

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.benefits.queries.explain import Explained, explain
from songbai.domain.benefits.rules.months import Month
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.web import letters
from songbai.web.rooms.assessments.tests.test_letters import printed
from songbai.web.rooms.benefits import letters as benefit_letters
from tests.cast import Cast, acting

pytestmark = pytest.mark.slow


@pytest.fixture
def told(cast: Cast) -> Explained:
    """Mrs Wang's October; her hukou is known."""
    with clock.moved_to(datetime(2026, 9, 1, 4, tzinfo=UTC)):
        record_facts(SYSTEM, cast.mother, [NewFact("hukou", "500151001001")], source="gongan")
    with acting(cast.officer):
        return explain(cast.officer, cast.mother, Month("2026-10"), purpose="打印", where="/test/")


def html(told: Explained) -> str:
    return benefit_letters.html(told, "https://example.org/")


@pytest.mark.parametrize(
    "words",
    ["养老待遇告知书", "王*英", "2026 年 10 月您可以享受下面", "铜梁区高龄津贴", "每月 10 元",
     "年满 80 周岁", "铜民发〔2024〕35号", "还不能判断", "15 个工作日内给您答复", "行政复议",
     "重庆市铜梁区民政局", "2026 年 10 月 31 日", "【未核实】"],
)  # fmt: skip
def test_the_paper_says_what_was_decided(told: Explained, words: str) -> None:
    assert words in printed(html(told))


def test_a_name_in_full_is_not_printed(told: Explained) -> None:
    assert "王桂英" not in html(told)


def test_the_same_month_gives_the_same_bytes(told: Explained) -> None:
    assert letters.pdf(html(told)) == letters.pdf(html(told))


def test_the_letter_fits_one_page(told: Explained) -> None:
    assert len(letters.drawn(html(told)).pages) == 1


def test_the_code_leads_to_the_letters_own_number_and_sum(told: Explained) -> None:
    mark = benefit_letters.mark_of(benefit_letters.Checked("1", "2026-10", 5))
    assert benefit_letters.checked(mark) == benefit_letters.Checked("1", "2026-10", 5)
    assert benefit_letters.checked(mark + "x") is None
