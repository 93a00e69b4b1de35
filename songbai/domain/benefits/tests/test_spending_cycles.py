"""Cycles whose money orders spend: one sum everywhere, and in the month in which it is spent."""

from contextlib import AbstractContextManager
from datetime import date

import pytest

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.approvals.actions import vote
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.rules import Verdict
from songbai.core.ledger.queries import balance, total
from songbai.domain.benefits.actions.cycles import notify, propose
from songbai.domain.benefits.actions.cycles.steps import TooLateToSpend
from songbai.domain.benefits.actions.paying import pay, start
from songbai.domain.benefits.bank import RecordingBank
from songbai.domain.benefits.models import CreditGrant, Notice
from songbai.domain.benefits.queries import grant_of
from songbai.domain.benefits.queries.explain import explain
from songbai.domain.benefits.rules.cycle import State
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.telling import money
from tests.cast import Cast, acting, tomorrow

from .cycles import another_officer, confirmed, decision, run_month, say, tongliang_people
from .facts import may_use_vouchers
from .payments import MONTH, ready, started

# Cycles are decided by an engine with a connection of its own.
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
CREDIT, VOUCHER = "tongliang-home-service", "consumption-voucher"


def june(hour: int = 10) -> AbstractContextManager[None]:
    """The last day of the month that is paid."""
    return clock.moved_to(clock.at(date(2026, 6, 30), hour))


@pytest.fixture
def bank() -> RecordingBank:
    return RecordingBank()


def test_a_cycle_of_credits_gives_them_and_closes(cast: Cast, bank: RecordingBank) -> None:
    with june():
        cycle = pay(SYSTEM, bank, started(cast, ready(cast, policy=CREDIT)).pk)
    assert cycle.state == State.CLOSED
    grants = CreditGrant.objects.filter(month=MONTH)
    assert {grant.elder_id for grant in grants} == {cast.mother.pk, cast.neighbour.pk}
    assert {(g.amount, g.home_rate, g.channel) for g in grants} == {(20_000, 10_000, "credit")}
    assert not bank.sent
    assert total() == 0


def test_a_cycle_and_a_single_act_name_the_same_class(cast: Cast, bank: RecordingBank) -> None:
    alone = grant_of(cast.mother, clock.month_of(tomorrow(9)))
    with june():
        pay(SYSTEM, bank, started(cast, ready(cast, policy=CREDIT)).pk)
    by_cycle = set(CreditGrant.objects.filter(month=MONTH).values_list("group_name", flat=True))
    assert alone is not None
    assert by_cycle == {alone.group_name} == {"低保，满 70 周岁"}


def test_a_voucher_is_one_sum_on_the_list_in_the_approval_and_in_the_books(
    cast: Cast, bank: RecordingBank
) -> None:
    with june(9):
        may_use_vouchers(cast.mother)
        say(cast.mother, "assessment", "ability_level", "2")
    with june():
        cycle = ready(cast, policy=VOUCHER)
        found = decision(cycle, cast.mother)
        assert found is not None
        assert (found.amount, cycle.yes, cycle.fen) == (80_000, 1, 80_000)
        assert "1 人，800 元" in Proposal.objects.get(pk=cycle.proposal_id or 0).about
        assert "最多 800 元" in Notice.objects.get(cycle=cycle).text
        assert cycle.towns.get().fen == 80_000
        pay(SYSTEM, bank, started(cast, cycle).pk)
    assert CreditGrant.objects.get(policy=VOUCHER).amount == 80_000
    assert balance(f"elder:{cast.mother.pk}:voucher:{MONTH}") == 80_000
    entry = explain(SYSTEM, cast.mother, Month(MONTH), purpose="看", where="/").of(VOUCHER)
    assert entry is not None
    assert (entry.now.amount, money(entry.now)) == (80_000, "最多 800 元")


@pytest.mark.parametrize("step", ["notify", "propose", "vote", "start", "pay"])
def test_what_lapses_is_not_given_after_its_month(
    cast: Cast, bank: RecordingBank, step: str
) -> None:
    """Refused with words before the money, and never given only to be taken back."""
    maker, checker = another_officer(), another_officer()
    late = clock.at(date(2026, 7, 1), 0, 1)

    def when(name: str) -> AbstractContextManager[None]:
        return clock.moved_to(late) if name == step else june(23)

    with when(""):
        tongliang_people(cast)
        cycle = confirmed(run_month(MONTH, CREDIT)[CREDIT])

    def go() -> None:
        with when("notify"), acting(maker):
            notify(maker, cycle)
        with when("propose"), acting(maker):
            proposal = propose(maker, cycle)
        with when("vote"), acting(checker):
            vote(checker, proposal.pk, Verdict.YES)
        cycle.refresh_from_db()
        with when("start"), acting(cast.officer):
            start(cast.officer, cycle)
        with when("pay"):
            pay(SYSTEM, bank, cycle.pk)

    if step == "pay":
        go()
    else:
        with pytest.raises(TooLateToSpend):
            go()
    assert not CreditGrant.objects.filter(month=MONTH).exists()
    assert total() == 0
