"""A later notice changes or ends a policy from a month that was paid already."""

from pathlib import Path

import pytest

from songbai.core.accounts.rules import SYSTEM
from songbai.core.ledger.queries import total
from songbai.domain.benefits.actions.correcting import find_corrections
from songbai.domain.benefits.actions.cycles import run
from songbai.domain.benefits.actions.cycles.freezing import NothingToRun
from songbai.domain.benefits.actions.paying import pay
from songbai.domain.benefits.bank import RecordingBank
from songbai.domain.benefits.models import Arrears, Cycle, Notice, Payment, PaymentBatch, Recovery
from songbai.domain.benefits.queries.explain import explain
from songbai.domain.benefits.rules.cycle import Change, State
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.vocabulary import POLICIES
from songbai.domain.elders.models import Elder
from tests.cast import Cast

from .cycles import (
    LONGEVITY,
    TONGLIANG,
    another_officer,
    approved,
    decision,
    noticed,
    run_month,
    say,
)
from .payments import answered, ready, started
from .test_rhythms import amounts
from .writing import source, write

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
JUNE, JULY, AUGUST = "2026-06", "2026-07", "2026-08"
TEXT = (POLICIES / "chongqing" / f"{LONGEVITY}.yaml").read_text("utf-8")
HEAD = TEXT[: TEXT.index("cases:")] + "cases: []\n"


@pytest.fixture
def june(cast: Cast, own: Path) -> Cycle:
    """June is paid: 10 yuan for Mrs Wang and for Mr Li."""
    bank = RecordingBank()
    write(own, "law.yaml", HEAD)
    cycle = pay(SYSTEM, bank, started(cast, ready(cast, JUNE)).pk)
    answered(bank, PaymentBatch.objects.get(cycle=cycle), {})
    cycle.refresh_from_db()
    assert cycle.state == State.CLOSED
    return cycle


def two_lives(own: Path, old: str, new: str) -> None:
    """The policy as it was up to May, and another life of it from June."""
    write(own, "law.yaml", HEAD.replace("valid_from: 2024-01-01", f"valid_from: 2024-01-01\n{old}"))
    write(own, "new.yaml", HEAD.replace("valid_from: 2024-01-01", "valid_from: 2026-06-01").replace(
        "amount: 10元", new))  # fmt: skip


def test_more_from_a_paid_month_on_is_paid_after_to_everybody(
    cast: Cast, june: Cycle, own: Path
) -> None:
    two_lives(own, "valid_to: 2026-05-31", "amount: 30元")
    cycle = run_month(JULY, LONGEVITY)[LONGEVITY]
    assert find_corrections(SYSTEM, cycle) == (2, 0)
    assert find_corrections(SYSTEM, cycle) == (0, 0)
    rows = Arrears.objects.order_by("elder_id")
    assert {(a.elder_id, a.month, a.amount, a.cause) for a in rows} == {
        (cast.mother.pk, JUNE, 2_000, "policy"), (cast.neighbour.pk, JUNE, 2_000, "policy"),
    }  # fmt: skip
    bank = RecordingBank()
    pay(SYSTEM, bank, started(cast, approved(cast.officer, another_officer(), cycle)).pk)
    got = Payment.objects.get(cycle=cycle, elder=cast.mother)
    assert (got.entitled, got.arrears) == (3_000, 2_000)
    answered(bank, PaymentBatch.objects.get(cycle=cycle), {})
    assert find_corrections(SYSTEM, run_month(AUGUST, LONGEVITY)[LONGEVITY]) == (0, 0)
    assert total() == 0


def test_less_is_asked_back(june: Cycle, own: Path) -> None:
    write(own, "law.yaml", HEAD.replace("amount: 10元", "amount: 4元"))
    assert find_corrections(SYSTEM, run_month(JULY, LONGEVITY)[LONGEVITY]) == (0, 2)
    assert set(Recovery.objects.values_list("month", "owed", "cause")) == {(JUNE, 600, "policy")}
    assert total() == 0


@pytest.mark.parametrize(
    ("rule", "amount"), [("{raised: keep}", "30元"), ("{lowered: keep}", "4元")]
)
def test_a_policy_says_that_it_does_not_work_backwards(
    june: Cycle, own: Path, rule: str, amount: str
) -> None:
    write(
        own, "law.yaml", HEAD.replace("amount: 10元", f"amount: {amount}") + f"backwards: {rule}\n"
    )
    assert find_corrections(SYSTEM, run_month(JULY, LONGEVITY)[LONGEVITY]) == (0, 0)


def test_what_gave_way_to_a_sum_never_paid_is_owed(cast: Cast, own: Path) -> None:
    when = "age >= 80 and alive and hukou in region"
    group = "stacking: [{{group: g, rule: higher_of, order: {}, clause: 一, says: 只发一项,"
    group += " verified: false}}]"
    yearly = amounts("year", "1500元", "paid_in: 12")
    write(own, "year.yaml", source(when, yearly, more=group.format(1), code="year"))
    write(own, "month.yaml", source(when, more=group.format(2), code="monthly"))
    for number, elder in enumerate((cast.mother, cast.neighbour)):
        say(elder, "gongan", "hukou", elder.region_id)
        say(elder, "renshe", "bank_card", f"62170000000000{number}")
    for month in (JUNE, JULY):
        cycle = run_month(month, "monthly")["monthly"]
        assert cycle.yes == 0
        list_ = approved(cast.officer, another_officer(), cycle)
        bank = RecordingBank()
        pay(SYSTEM, bank, started(cast, list_).pk)
    say(cast.mother, "gongan", "death", "2026-08-05")
    cycle = run_month(AUGUST, "monthly")["monthly"]
    assert find_corrections(SYSTEM, cycle) == (2, 0)
    rows = Arrears.objects.filter(elder=cast.mother).values_list("month", "amount", "cause")
    assert set(rows) == {(JUNE, 10_000, "death"), (JULY, 10_000, "death")}
    noticed(cast.officer, cycle)
    [told] = Notice.objects.filter(cycle=cycle, elder=cast.mother)
    assert "按规定不发，所以发这一项" in told.text
    assert "另补发2026 年 6 月到 2026 年 7 月共 200 元" in told.text


def test_words_alone_change_nothing(june: Cycle, own: Path) -> None:
    write(
        own, "law.yaml", HEAD.replace("按区政府网站公布", "按公布").replace("健在\n", "在世\n", 1)
    )
    assert find_corrections(SYSTEM, run_month(JULY, LONGEVITY)[LONGEVITY]) == (0, 0)


def test_somebody_learnt_of_late_is_decided_by_the_new_law_once(
    cast: Cast, june: Cycle, own: Path
) -> None:
    two_lives(own, "valid_to: 2026-05-31", "amount: 30元")
    say(cast.neighbour, "gongan", "death", "2026-05-20")
    cycle = run_month(JULY, LONGEVITY)[LONGEVITY]
    assert find_corrections(SYSTEM, cycle) == (1, 1)
    assert Arrears.objects.get().elder == cast.mother
    assert Recovery.objects.get().owed == 1_000


def test_a_policy_that_ended_tells_its_people_once(cast: Cast, june: Cycle, own: Path) -> None:
    write(own, "law.yaml", HEAD.replace("2024-01-01", "2024-01-01\nvalid_to: 2026-06-30"))
    cycle = run_month(JULY, LONGEVITY)[LONGEVITY]
    found = decision(cycle, cast.mother)
    assert found is not None
    assert (found.change, found.cause, cycle.stopped, cycle.yes) == (Change.STOPPED, "ended", 2, 0)
    noticed(cast.officer, cycle)
    text = Notice.objects.get(cycle=cycle, elder=cast.mother).text
    assert "这项政策到 2026-06-30 为止" in text
    assert run_month(JULY, LONGEVITY)[LONGEVITY] == cycle
    assert find_corrections(SYSTEM, cycle) == (0, 0)
    with pytest.raises(NothingToRun):
        run(SYSTEM, TONGLIANG, Month(AUGUST), policy=LONGEVITY)


def test_a_policy_that_ended_before_a_paid_month_asks_it_back(june: Cycle, own: Path) -> None:
    write(own, "law.yaml", HEAD.replace("2024-01-01", "2024-01-01\nvalid_to: 2026-05-31"))
    assert find_corrections(SYSTEM, run_month(JULY, LONGEVITY)[LONGEVITY]) == (0, 2)
    assert set(Recovery.objects.values_list("month", "owed")) == {(JUNE, 1_000)}


def test_a_file_that_is_wrong_or_gone_ends_nothing(june: Cycle, own: Path) -> None:
    write(own, "law.yaml", HEAD.replace("when: age >= 80", "when: agee >= 80"))
    with pytest.raises(NothingToRun):
        run(SYSTEM, TONGLIANG, Month(JULY), policy=LONGEVITY)
    assert not Recovery.objects.exists()


def told(cycle: Cycle, elder: Elder) -> str:
    """The notice of a cycle to somebody, "" for none."""
    found = Notice.objects.filter(cycle=cycle, elder=elder).first()
    return found.text if found else ""


def whole_month(cast: Cast, month: str) -> Cycle:
    """A month as an office does it: run, corrected, confirmed, told, approved, paid, answered."""
    bank, cycle = RecordingBank(), run_month(month, LONGEVITY)[LONGEVITY]
    find_corrections(SYSTEM, cycle)
    pay(SYSTEM, bank, started(cast, approved(cast.officer, another_officer(), cycle)).pk)
    answered(bank, PaymentBatch.objects.get(cycle=cycle), {})
    cycle.refresh_from_db()
    assert cycle.state == State.CLOSED
    return cycle


def test_an_amount_raised_and_lowered_again_from_a_paid_month_through_whole_months(
    cast: Cast, june: Cycle, own: Path
) -> None:
    two_lives(own, "valid_to: 2026-05-31", "amount: 30元")
    july = whole_month(cast, JULY)
    for elder in (cast.mother, cast.neighbour):
        paid = Payment.objects.get(cycle=july, elder=elder)
        assert (paid.amount, paid.entitled, paid.arrears) == (5_000, 3_000, 2_000)
        assert told(july, elder).endswith("变化的原因：政策变了。另补发2026 年 6 月 20 元。")
        entry = explain(SYSTEM, elder, Month(JUNE), purpose="看", where="/").of(LONGEVITY)
        assert entry is not None
        assert (entry.then.amount, entry.now.amount, entry.agrees) == (1_000, 3_000, True)
    two_lives(own, "valid_to: 2026-05-31", "amount: 20元")
    august = whole_month(cast, "2026-08")
    assert "2026 年 6 月到 2026 年 7 月共 20 元多发了，要退回" in told(august, cast.mother)
    owed = Recovery.objects.order_by("elder_id", "month").values_list("month", "owed", "cause")
    assert list(owed) == [(JUNE, 1_000, "policy"), (JULY, 1_000, "policy")] * 2
    assert not Arrears.objects.filter(payment=None).exists()
    assert total() == 0
