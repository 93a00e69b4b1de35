"""A closed month stays as it was; what is learnt late becomes arrears or is asked back."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.approvals.actions import OwnProposal, vote
from songbai.core.approvals.rules import Verdict
from songbai.core.errors import NotAllowed, NotFound
from songbai.core.ledger.actions import post_many
from songbai.core.ledger.queries import balance, total
from songbai.core.reasons import ReasonMissing
from songbai.domain.benefits.actions.correcting import (
    ask_waiver,
    find_corrections,
    repay,
    resume,
    set_instalments,
    suspend,
)
from songbai.domain.benefits.actions.correcting.recovering import (
    MoreThanOwed,
    NotDue,
    NothingToPlan,
    WrongPlan,
    claim,
)
from songbai.domain.benefits.actions.correcting.suspending import (
    AlreadySuspended,
    NotSuspended,
    WrongDay,
)
from songbai.domain.benefits.actions.paying import call_off, pay
from songbai.domain.benefits.bank import RecordingBank
from songbai.domain.benefits.models import (
    Arrears,
    Cycle,
    Instalment,
    Payment,
    PaymentBatch,
    Recovery,
    Suspension,
)
from songbai.domain.benefits.queries.corrections import recoveries_in, suspensions_in
from songbai.domain.benefits.rules.cycle import State
from songbai.domain.benefits.rules.paying import (
    InstalmentState,
    PaymentState,
    SuspensionReason,
    instalments,
    months_from,
)
from songbai.domain.elders.actions.facts import NewFact, record_facts
from tests.attack import refused
from tests.cast import Cast, acting, make_elder
from tests.together import failures, together

from .cycles import LONGEVITY, another_officer, approved, run_month, say, tongliang_people
from .payments import another, answered, books, ready, started

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
JUNE, JULY, AUGUST = "2026-06", "2026-07", "2026-08"


@pytest.fixture
def bank() -> RecordingBank:
    return RecordingBank()


def paid_out(cast: Cast, bank: RecordingBank, cycle: Cycle) -> Cycle:
    """A cycle paid in full by the bank."""
    pay(SYSTEM, bank, started(cast, cycle).pk)
    for batch in PaymentBatch.objects.filter(cycle=cycle, state="sent"):
        answered(bank, batch, {})
    cycle.refresh_from_db()
    return cycle


def june(cast: Cast, bank: RecordingBank) -> Cycle:
    """June is paid and closed."""
    cycle = paid_out(cast, bank, ready(cast, JUNE))
    assert cycle.state == State.CLOSED
    return cycle


def learnt_late(cast: Cast) -> None:
    """Only now the register learns that Mr Zhou lived here all the time."""
    elder = make_elder("周松", 1060)
    say(elder, "gongan", "hukou", elder.region_id)
    say(elder, "renshe", "bank_card", "62170000000077")


def test_somebody_found_late_gets_the_past_month_with_the_next(
    cast: Cast, bank: RecordingBank
) -> None:
    closed = june(cast, bank)
    learnt_late(cast)
    cycle = run_month(JULY, LONGEVITY)[LONGEVITY]
    assert find_corrections(SYSTEM, cycle) == (1, 0)
    assert find_corrections(SYSTEM, cycle) == (0, 0)
    row = Arrears.objects.get()
    assert (row.month, row.amount, row.elder.name) == (JUNE, 1_000, "周松")
    approved(cast.officer, another_officer(), cycle)
    paid_out(cast, bank, cycle)
    payment = Payment.objects.get(elder__name="周松")
    assert (payment.entitled, payment.arrears, payment.amount) == (1_000, 1_000, 2_000)
    assert Arrears.objects.get().payment == payment
    assert Payment.objects.filter(cycle=closed).count() == 2  # June itself did not change
    refused("UPDATE benefits_arrears SET payment_id = NULL", "Cannot update")
    refused("UPDATE benefits_arrears SET amount = 1", "Cannot update")
    assert total() == 0


def test_what_was_found_after_the_proposal_waits_for_the_next_list(
    cast: Cast, bank: RecordingBank
) -> None:
    june(cast, bank)
    cycle = another(cast, JULY)
    learnt_late(cast)
    assert find_corrections(SYSTEM, cycle) == (0, 0)
    Arrears.objects.create(
        elder=cast.mother, region_id=cast.mother.region_id, policy=LONGEVITY, month=JUNE, number=1,
        amount=500, cause="hukou", known_at=clock.now(), found_at=clock.now(),
    )  # fmt: skip
    paid_out(cast, bank, cycle)
    assert Arrears.objects.get().payment is None


def test_a_death_learnt_late_is_asked_back(cast: Cast, bank: RecordingBank) -> None:
    june(cast, bank)
    say(cast.neighbour, "gongan", "death", "2026-05-20")
    cycle = run_month(JULY, LONGEVITY)[LONGEVITY]
    assert find_corrections(SYSTEM, cycle) == (0, 1)
    with acting(cast.officer):
        [row] = recoveries_in(cast.officer)
    assert (row.elder, row.month, row.owed, row.cause) == (cast.neighbour, JUNE, 1_000, "death")
    assert balance(f"elder:{cast.neighbour.pk}:owed") == -1_000
    assert balance(f"claims:500151:benefit:{LONGEVITY}") == 1_000
    assert find_corrections(SYSTEM, cycle) == (0, 0)
    assert total() == 0


def elsewhere(cast: Cast, *, is_so: bool) -> None:
    """The police say that Mr Li is registered somewhere else; or here after all."""
    where = "500112001001" if is_so else cast.neighbour.region_id
    record_facts(SYSTEM, cast.neighbour, [NewFact("hukou", where)], source="gongan")


def waived(cast: Cast, recovery: Recovery, fen: int) -> None:
    """Two officers agreed not to ask for it."""
    checker = another_officer()
    with acting(cast.officer):
        proposal = ask_waiver(cast.officer, recovery.pk, fen, "低保家庭，没有其他收入")
    with acting(checker):
        vote(checker, proposal.pk, Verdict.YES)


def corrected(month: str) -> tuple[int, int]:
    return find_corrections(SYSTEM, run_month(month, LONGEVITY)[LONGEVITY])


def test_what_was_waived_is_not_paid_again_when_the_first_truth_returns(
    cast: Cast, bank: RecordingBank
) -> None:
    june(cast, bank)
    elsewhere(cast, is_so=True)
    assert corrected(JULY) == (0, 1)
    waived(cast, Recovery.objects.get(), 1_000)
    elsewhere(cast, is_so=False)
    assert corrected(JULY) == (0, 0)
    assert not Arrears.objects.exists()
    elsewhere(cast, is_so=True)
    assert corrected(JULY) == (0, 0)


def test_a_claim_is_released_when_the_first_truth_returns(cast: Cast, bank: RecordingBank) -> None:
    june(cast, bank)
    elsewhere(cast, is_so=True)
    corrected(JULY)
    recovery = Recovery.objects.get()
    with acting(cast.officer):
        first, _ = set_instalments(cast.officer, recovery.pk, 2, clock.month_of(clock.today()))
        repay(cast.officer, first.pk)
    elsewhere(cast, is_so=False)
    assert corrected(JULY) == (1, 0)
    recovery.refresh_from_db()
    assert (recovery.settled, recovery.released, recovery.open) == (500, 500, 0)
    assert Arrears.objects.get().amount == 500
    assert balance(f"elder:{cast.neighbour.pk}:owed") == 0
    assert recovery.instalments.filter(state=InstalmentState.RELEASED).count() == 1
    assert total() == 0


def test_arrears_nobody_was_paid_yet_are_withdrawn(cast: Cast, bank: RecordingBank) -> None:
    tongliang_people(cast)
    elsewhere(cast, is_so=True)
    paid_out(cast, bank, another(cast, JUNE))
    elsewhere(cast, is_so=False)
    assert corrected(JULY) == (1, 0)
    elsewhere(cast, is_so=True)
    assert corrected(JULY) == (0, 0)
    assert not Arrears.objects.filter(payment=None, withdrawn_at=None).exists()
    assert not Recovery.objects.exists()


def owing(cast: Cast, fen: int = 1_000) -> Recovery:
    """Mrs Wang owes something back."""
    row = Recovery.objects.create(
        elder=cast.mother, region_id=cast.mother.region_id, policy=LONGEVITY, month="2026-01",
        number=1, owed=fen, cause="hukou", known_at=clock.now(),
    )  # fmt: skip
    post_many(SYSTEM, [claim(row, row.region_id)])
    return row


def test_instalments_are_withheld_from_what_comes(cast: Cast, bank: RecordingBank) -> None:
    owed = owing(cast, 1_200)
    with clock.moved_to(clock.at(date(2026, 6, 1), 9)), acting(cast.officer):
        set_instalments(cast.officer, owed.pk, 2, JUNE)
    cycle = paid_out(cast, bank, ready(cast, JUNE))
    payment = Payment.objects.get(cycle=cycle, elder=cast.mother)
    assert (payment.entitled, payment.withheld, payment.amount) == (1_000, 600, 400)
    owed.refresh_from_db()
    assert (owed.settled, owed.open) == (600, 600)
    states_ = list(owed.instalments.order_by("number").values_list("state", flat=True))
    assert states_ == [InstalmentState.WITHHELD, InstalmentState.DUE]
    assert balance(f"elder:{cast.mother.pk}:owed") == -600
    assert books(JUNE)["fund"] == -2_000
    assert total() == 0


def test_what_is_called_off_was_not_withheld_from_either(cast: Cast, bank: RecordingBank) -> None:
    owed = owing(cast, 1_200)
    with clock.moved_to(clock.at(date(2026, 6, 1), 9)):
        set_instalments(cast.officer, owed.pk, 2, JUNE)
    cycle = pay(SYSTEM, bank, started(cast, ready(cast, JUNE)).pk)
    payment = Payment.objects.get(cycle=cycle, elder=cast.mother)
    batch = PaymentBatch.objects.get()
    line = payment.lines.get().number
    answered(bank, batch, {line: "E003"})
    with acting(cast.officer):
        call_off(cast.officer, payment.pk, "老人已去世，家属不要")
    owed.refresh_from_db()
    assert (owed.settled, owed.open) == (0, 1_200)
    assert {*owed.instalments.values_list("state", flat=True)} == {InstalmentState.DUE}
    assert balance(f"elder:{cast.mother.pk}:owed") == -1_200
    assert books(JUNE) == {"fund": -1_000, "bank": 0, "paid": 1_000}
    assert total() == 0


def test_what_is_withheld_whole_leaves_nothing_to_send(cast: Cast, bank: RecordingBank) -> None:
    owed = owing(cast)
    with clock.moved_to(clock.at(date(2026, 6, 1), 9)):
        set_instalments(cast.officer, owed.pk, 1, JUNE)
    cycle = paid_out(cast, bank, ready(cast, JUNE))
    assert Payment.objects.get(cycle=cycle, elder=cast.mother).state == PaymentState.NOTHING
    assert PaymentBatch.objects.get().rows == 1
    assert cycle.state == State.CLOSED


def test_paying_back_at_the_counter(cast: Cast) -> None:
    owed = owing(cast)
    month = clock.month_of(clock.today())
    with acting(cast.officer):
        first, second = set_instalments(cast.officer, owed.pk, 2, month)
        with pytest.raises(NothingToPlan):
            set_instalments(cast.officer, owed.pk, 2, month)
        repay(cast.officer, first.pk)
        with pytest.raises(NotDue):
            repay(cast.officer, first.pk)
        repay(cast.officer, second.pk)
    owed.refresh_from_db()
    assert owed.open == 0
    assert balance("cash:500151:repaid") == -1_000


def test_two_clerks_take_one_instalment_once(cast: Cast) -> None:
    owed = owing(cast)
    [only] = set_instalments(cast.officer, owed.pk, 1, clock.month_of(clock.today()))
    errors = failures(together(*[lambda: repay(cast.officer, only.pk)] * 3))
    assert [type(error) for error in errors] == [NotDue, NotDue]
    owed.refresh_from_db()
    assert owed.settled == 1_000


def test_hardship_is_waived_by_somebody_else(cast: Cast) -> None:
    owed = owing(cast)
    month = clock.month_of(clock.today())
    checker = another_officer()
    with acting(cast.officer):
        set_instalments(cast.officer, owed.pk, 4, month)
        proposal = ask_waiver(cast.officer, owed.pk, 600, "低保家庭，没有其他收入")
        with pytest.raises(OwnProposal):
            vote(cast.officer, proposal.pk, Verdict.YES)
    with acting(cast.town_officer), pytest.raises((NotAllowed, NotFound)):
        vote(cast.town_officer, proposal.pk, Verdict.YES)
    with acting(checker):
        vote(checker, proposal.pk, Verdict.YES)
    owed.refresh_from_db()
    assert (owed.waived, owed.open) == (600, 400)
    due = Instalment.objects.filter(recovery=owed, state=InstalmentState.DUE)
    assert sum(row.amount for row in due) == 250
    with acting(cast.officer):
        [rest] = set_instalments(cast.officer, owed.pk, 1, month)
    assert rest.amount == 150


def test_never_more_than_is_owed(cast: Cast) -> None:
    owed = owing(cast)
    with acting(cast.officer):
        for fen in (0, 1_001):
            with pytest.raises(MoreThanOwed):
                ask_waiver(cast.officer, owed.pk, fen, "家庭困难")
        with pytest.raises(ReasonMissing):
            ask_waiver(cast.officer, owed.pk, 1, "难")
        with pytest.raises(WrongPlan):
            set_instalments(cast.officer, owed.pk, 61, clock.month_of(clock.today()))
        with pytest.raises(WrongPlan):
            set_instalments(cast.officer, owed.pk, 1, "2020-01")
        proposal = ask_waiver(cast.officer, owed.pk, 1_000, "家庭困难")
        [only] = set_instalments(cast.officer, owed.pk, 1, clock.month_of(clock.today()))
        repay(cast.officer, only.pk)
    checker = another_officer()
    with acting(checker), pytest.raises(MoreThanOwed):
        vote(checker, proposal.pk, Verdict.YES)
    refused(f"UPDATE benefits_recovery SET waived = 1 WHERE id = {owed.pk}", "never_more_than_owed")
    refused(
        "INSERT INTO benefits_instalment (recovery_id, elder_id, region_id, number, due_month,"
        f" amount, state) VALUES ({owed.pk}, {cast.mother.pk}, '500151001001', 9, '2027-01', 1,"
        " 'due')",
        "more than is owed",
    )


@pytest.mark.parametrize("name", ["town_officer", "far_officer", "daughter", "dispatcher"])
def test_only_the_district_asks_back(cast: Cast, name: str) -> None:
    owed, actor = owing(cast), getattr(cast, name)
    with acting(actor):
        for act in (
            lambda: set_instalments(actor, owed.pk, 1, "2027-01"),
            lambda: ask_waiver(actor, owed.pk, 1, "家庭困难"),
        ):
            with pytest.raises((NotAllowed, NotFound)):
                act()


def test_somebody_suspended_is_not_paid_and_gets_it_after(cast: Cast, bank: RecordingBank) -> None:
    tongliang_people(cast)
    with acting(cast.officer):
        found = suspend(
            cast.officer, cast.mother, LONGEVITY, SuspensionReason.SURVIVAL,
            clock.today(), "认证到期没有做",
        )  # fmt: skip
        assert suspensions_in(cast.officer).count() == 1
    cycle = paid_out(cast, bank, another(cast, JUNE))
    assert cycle.state == State.CLOSED
    assert Payment.objects.get(cycle=cycle, elder=cast.mother).state == PaymentState.SUSPENDED
    with acting(cast.officer):
        assert resume(cast.officer, found.pk, clock.today(), "本人到场认证") == 1
    july = run_month(JULY, LONGEVITY)[LONGEVITY]
    assert find_corrections(SYSTEM, july) == (0, 0)
    approved(cast.officer, another_officer(), july)
    paid_out(cast, bank, july)
    payment = Payment.objects.get(cycle=july, elder=cast.mother)
    assert (payment.entitled, payment.arrears) == (1_000, 1_000)
    assert total() == 0


def test_what_was_rightly_kept_back_is_not_paid_after(cast: Cast, bank: RecordingBank) -> None:
    tongliang_people(cast)
    found = suspend(
        SYSTEM, cast.mother, LONGEVITY, SuspensionReason.REVIEW, clock.today(), "正在复核"
    )
    paid_out(cast, bank, another(cast, JUNE))
    assert resume(SYSTEM, found.pk, clock.today(), "不符合那段时间", pay_back=False) == 0
    july = run_month(JULY, LONGEVITY)[LONGEVITY]
    assert find_corrections(SYSTEM, july) == (0, 0)
    assert not Arrears.objects.exists()


def test_suspending_says_what_is_wrong(cast: Cast) -> None:
    say_ = (LONGEVITY, SuspensionReason.OTHER)
    with acting(cast.officer):
        with pytest.raises(WrongDay):
            suspend(cast.officer, cast.mother, *say_, clock.today() + timedelta(1), "原因写明")
        found = suspend(cast.officer, cast.mother, *say_, clock.today(), "原因写明")
        with pytest.raises(AlreadySuspended):
            suspend(cast.officer, cast.mother, *say_, clock.today(), "原因写明")
        with pytest.raises(WrongDay):
            resume(cast.officer, found.pk, clock.today() - timedelta(1), "恢复发放")
        resume(cast.officer, found.pk, clock.today(), "恢复发放")
        with pytest.raises(NotSuspended):
            resume(cast.officer, found.pk, clock.today(), "恢复发放")
    for name in ("far_officer", "daughter"):
        with acting(getattr(cast, name)), pytest.raises(NotAllowed):
            suspend(getattr(cast, name), cast.mother, *say_, clock.today(), "原因写明")
    refused("UPDATE benefits_suspension SET reason = 'abroad'", "Cannot update")
    refused("UPDATE benefits_suspension SET until = NULL, ended_at = NULL", "Cannot update")
    assert Suspension.objects.count() == 1


def test_a_payment_called_off_is_found_again_while_it_is_owed(
    cast: Cast, bank: RecordingBank
) -> None:
    cycle = ready(cast, JUNE)
    pay(SYSTEM, bank, started(cast, cycle).pk)
    answered(bank, PaymentBatch.objects.get(), {1: "E001"})
    payment = Payment.objects.get(state=PaymentState.FAILED)
    with acting(cast.officer):
        call_off(cast.officer, payment.pk, "三次联系不上")
    pay(SYSTEM, bank, cycle.pk)
    cycle.refresh_from_db()
    assert cycle.state == State.CLOSED
    assert corrected(JULY) == (1, 0)  # nothing was learnt of her since
    assert corrected(JULY) == (0, 0)
    assert Arrears.objects.get().amount == 1_000


def test_corrections_are_the_programs(cast: Cast) -> None:
    tongliang_people(cast)
    cycle = run_month(JUNE, LONGEVITY)[LONGEVITY]
    with pytest.raises(NotAllowed):
        find_corrections(cast.officer, cycle)


@given(st.integers(1, 10**9), st.integers(1, 60))
def test_parts_come_to_the_whole_and_differ_by_a_fen(owed: int, count: int) -> None:
    parts = instalments(owed, count)
    assert sum(parts) == owed
    assert len(parts) == min(count, owed)
    assert max(parts) - min(parts) <= 1
    assert parts == sorted(parts, reverse=True)


def test_months_go_over_the_year() -> None:
    assert months_from("2026-11", 3) == ["2026-11", "2026-12", "2027-01"]
