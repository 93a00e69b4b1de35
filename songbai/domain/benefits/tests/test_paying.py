"""From an approved cycle to money on cards: once, whole, and closed when all is settled."""

from datetime import date, timedelta
from itertools import permutations

import pytest
from django.db import IntegrityError, connection, transaction

from songbai.core.accounts.rules import SYSTEM
from songbai.core.audit.models import Read
from songbai.core.crypto import decrypt
from songbai.core.errors import NotAllowed, NotFound
from songbai.core.ledger.models import Transfer
from songbai.core.ledger.queries import total
from songbai.core.reasons import ReasonMissing
from songbai.domain.benefits.actions.correcting import find_corrections
from songbai.domain.benefits.actions.cycles import WrongState
from songbai.domain.benefits.actions.paying import (
    ask_account,
    call_off,
    pay,
    pay_after_all,
    start,
    take_answer,
    take_answers,
    try_again,
    unfinished,
)
from songbai.domain.benefits.actions.paying.accounts import (
    AfterDeath,
    NotFailed,
    NotOwed,
    WrongAccount,
)
from songbai.domain.benefits.actions.paying.answers import TooEarly
from songbai.domain.benefits.actions.paying.batches import build
from songbai.domain.benefits.actions.paying.making import make_payments
from songbai.domain.benefits.bank import RecordingBank
from songbai.domain.benefits.bank.format import (
    PAID,
    Result,
    ResultFile,
    WrongBankFile,
    read_payments,
    write_results,
)
from songbai.domain.benefits.models import (
    Arrears,
    BankAnswer,
    Cycle,
    Payment,
    PaymentBatch,
    PaymentLine,
    Recovery,
)
from songbai.domain.benefits.queries.cycles import policy_of
from songbai.domain.benefits.queries.payments import (
    account_of,
    batches_of,
    failed,
    last_reasons,
    lines_of,
    payments_of,
    payments_of_elder,
    totals_of,
)
from songbai.domain.benefits.rules.cycle import State
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.paying import BatchState, PaymentState
from songbai.domain.elders.actions.facts import NewFact, record_facts, withdraw
from songbai.domain.elders.actions.turning import follow_turns
from songbai.domain.elders.models import Followed
from tests.attack import refused
from tests.cast import Cast, acting
from tests.together import failures, together

from .cycles import LONGEVITY, run_month, tongliang_people
from .payments import (
    MONTH,
    answered,
    books,
    crowd,
    other_account,
    ready,
    started,
    with_the_bank,
)

# Cycles are decided by an engine with a connection of its own.
JULY = "2026-07"
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def bank() -> RecordingBank:
    return RecordingBank()


def states(cycle: Cycle) -> dict[str, str]:
    rows = Payment.objects.filter(cycle=cycle).select_related("elder")
    return {row.elder.name: row.state for row in rows}


def test_an_approved_cycle_becomes_one_file(cast: Cast, bank: RecordingBank) -> None:
    batch = with_the_bank(cast, bank)
    assert (batch.state, batch.rows, batch.fen) == (BatchState.SENT, 2, 2_000)
    [file] = [read_payments(content) for content in bank.sent.values()]
    assert [(one.name, one.account, one.fen) for one in file.lines] == [
        ("王桂英", "621700000000000", 1_000),
        ("李松福", "621700000000001", 1_000),
    ]
    assert books() == {"fund": -2_000, "bank": 2_000, "paid": 0}
    assert total() == 0


def test_accounts_are_encrypted_and_shown_masked_with_a_trace(
    cast: Cast, bank: RecordingBank
) -> None:
    batch = with_the_bank(cast, bank)
    with acting(cast.officer):
        line = lines_of(cast.officer, batch)[0]
        assert b"6217" not in bytes(line.account)
        assert decrypt(line.account) == "621700000000000"
        shown = account_of(cast.officer, line, purpose="核对失败账号", where="/test")
    assert shown == "***********0000"
    assert Read.objects.filter(purpose="核对失败账号").count() == 1


def test_what_the_bank_paid_is_paid_and_the_cycle_closes(cast: Cast, bank: RecordingBank) -> None:
    batch = with_the_bank(cast, bank)
    answered(bank, batch, {})
    assert batch.state == BatchState.SETTLED
    assert Cycle.objects.get(pk=batch.cycle_id).state == State.CLOSED
    assert set(states(batch.cycle).values()) == {PaymentState.PAID}
    assert books() == {"fund": -2_000, "bank": 0, "paid": 2_000}
    assert Transfer.objects.filter(kind="paid", person_id=cast.mother.pk).count() == 1
    assert total() == 0


def test_a_failed_account_is_on_the_work_list_and_keeps_the_cycle_open(
    cast: Cast, bank: RecordingBank
) -> None:
    batch = with_the_bank(cast, bank)
    answered(bank, batch, {1: "E003"})
    with acting(cast.officer):
        [one] = failed(cast.officer)
        assert last_reasons([one]) == {one.pk: "账户已销户"}
    assert Cycle.objects.get(pk=batch.cycle_id).state == State.PAYING
    assert books() == {"fund": -1_000, "bank": 0, "paid": 1_000}
    pay(SYSTEM, bank, batch.cycle_id)
    assert PaymentBatch.objects.count() == 1  # the account is still the one that failed


def test_a_new_account_is_paid_in_a_later_file(cast: Cast, bank: RecordingBank) -> None:
    batch = with_the_bank(cast, bank)
    answered(bank, batch, {1: "E003"})
    payment = Payment.objects.get(state=PaymentState.FAILED)
    other_account(cast, payment, "６２２２-0000 1111 2222")
    pay(SYSTEM, bank, batch.cycle_id)
    second = PaymentBatch.objects.get(number=2)
    assert read_payments(bank.sent[f"pay-{second.reference}.csv"]).lines[0].account.endswith("2222")
    answered(bank, second, {})
    assert Cycle.objects.get(pk=batch.cycle_id).state == State.CLOSED
    assert books() == {"fund": -2_000, "bank": 0, "paid": 2_000}
    assert PaymentLine.objects.filter(payment=payment).count() == 2
    assert total() == 0


def test_the_same_account_is_tried_again_when_somebody_says_so(
    cast: Cast, bank: RecordingBank
) -> None:
    batch = with_the_bank(cast, bank)
    answered(bank, batch, {2: "E004"})
    payment = Payment.objects.get(state=PaymentState.FAILED)
    with acting(cast.officer):
        try_again(cast.officer, payment.pk)
    pay(SYSTEM, bank, batch.cycle_id)
    pay(SYSTEM, bank, batch.cycle_id)
    assert PaymentBatch.objects.count() == 2
    answered(bank, PaymentBatch.objects.get(number=2), {})
    assert Cycle.objects.get(pk=batch.cycle_id).state == State.CLOSED


def test_who_may_pay_and_mend_accounts(cast: Cast, bank: RecordingBank) -> None:
    cycle = ready(cast)
    for name in ("town_officer", "far_officer", "daughter", "dispatcher"):
        with acting(getattr(cast, name)), pytest.raises(NotAllowed):
            start(getattr(cast, name), cycle)
    batch_of = pay(SYSTEM, bank, started(cast, cycle).pk)
    answered(bank, PaymentBatch.objects.get(cycle=batch_of), {1: "E001"})
    payment = Payment.objects.get(state=PaymentState.FAILED)
    for name in ("far_officer", "town_officer", "stranger_family"):
        with acting(getattr(cast, name)), pytest.raises((NotAllowed, NotFound)):
            try_again(getattr(cast, name), payment.pk)
    with acting(cast.officer), pytest.raises(WrongAccount):
        ask_account(cast.officer, payment.pk, "卡号丢了", "本人来窗口")
    with acting(cast.officer), pytest.raises(ReasonMissing):
        ask_account(cast.officer, payment.pk, "6222000011112222", "无")
    paid = Payment.objects.get(state=PaymentState.PAID)
    with acting(cast.officer), pytest.raises(NotFailed):
        try_again(cast.officer, paid.pk)
    for act in (
        lambda: pay(cast.officer, bank, cycle.pk),
        lambda: take_answers(cast.officer, bank),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_a_cycle_nobody_approved_is_not_paid(cast: Cast, bank: RecordingBank) -> None:
    tongliang_people(cast)
    cycle = run_month(MONTH, "longevity-tongliang")["longevity-tongliang"]
    with acting(cast.officer), pytest.raises(WrongState):
        start(cast.officer, cycle)
    assert pay(SYSTEM, bank, cycle.pk).state == State.IN_TOWNS
    refused(
        "INSERT INTO benefits_payment (cycle_id, elder_id, region_id, policy, month, entitled,"
        " arrears, withheld, amount, state, retry, made_at) VALUES"
        f" ({cycle.pk}, {cast.mother.pk}, '500151001001', 'x', '2026-06', 1, 0, 0, 1, 'ready',"
        " false, songbai_now())",
        "cycle is not being paid",
    )


def test_answers_come_twice_late_and_in_any_order_to_the_same_end(
    cast: Cast, bank: RecordingBank
) -> None:
    batch = with_the_bank(cast, bank)
    whole = ResultFile(batch.reference, "1", (Result(1, 1_000, PAID), Result(2, 1_000, "E001")))
    halves = [ResultFile(batch.reference, f"{one.number}", (one,)) for one in whole.results]
    files = [write_results(file) for file in (whole, *halves)]
    ends = []
    for order in permutations(files):
        with transaction.atomic():
            for content in (*order, *order):
                take_answer(SYSTEM, "r.csv", content)
            ends.append((states(batch.cycle), books(), Transfer.objects.count()))
            assert BankAnswer.objects.count() == 3
            assert not any(answer.refused for answer in BankAnswer.objects.all())
            transaction.set_rollback(True)
    assert all(end == ends[0] for end in ends)
    assert ends[0][1] == {"fund": -1_000, "bank": 0, "paid": 1_000}


@pytest.mark.parametrize(
    ("result", "says"),
    [
        (Result(9, 1_000, PAID), "没有这个序号"),
        (Result(1, 999, PAID), "金额是 999，批次里是 1000"),
        (Result(1, 1_000, "X1"), "不认识的代码"),
    ],
)
def test_a_line_that_does_not_fit_is_refused_alone(
    cast: Cast, bank: RecordingBank, result: Result, says: str
) -> None:
    batch = with_the_bank(cast, bank)
    file = ResultFile(batch.reference, "1", (Result(2, 1_000, PAID), result))
    answer = take_answer(SYSTEM, "r.csv", write_results(file))
    [why] = answer.refused
    assert (answer.used, why["line"]) == (1, 3)
    assert says in why["why"]
    assert states(batch.cycle) == {"王桂英": "sent", "李松福": "paid"}


def test_the_bank_cannot_change_its_mind_silently(cast: Cast, bank: RecordingBank) -> None:
    batch = with_the_bank(cast, bank)
    answered(bank, batch, {})
    other = ResultFile(batch.reference, "2", (Result(1, 1_000, "E001"),))
    answer = take_answer(SYSTEM, "late.csv", write_results(other))
    assert answer.used == 0
    assert "先前是 0000" in answer.refused[0]["why"]
    twice = ResultFile(batch.reference, "3", (Result(1, 1_000, PAID), Result(1, 1_000, PAID)))
    assert take_answer(SYSTEM, "x.csv", write_results(twice)).refused == []
    assert set(states(batch.cycle).values()) == {"paid"}


def test_a_death_holds_what_the_bank_has_not_and_lets_it_go_when_it_was_none(
    cast: Cast, bank: RecordingBank
) -> None:
    cycle = started(cast, ready(cast))
    make_payments(SYSTEM, cycle)
    record_facts(SYSTEM, cast.mother, [NewFact("death", "2026-04-20")], source="gongan")
    follow_turns(SYSTEM)
    assert states(cycle)["王桂英"] == PaymentState.HELD
    pay(SYSTEM, bank, cycle.pk)
    assert PaymentBatch.objects.get().rows == 1
    withdraw(SYSTEM, cast.mother, "death", "gongan", "", reason="登记错了人")
    follow_turns(SYSTEM)
    pay(SYSTEM, bank, cycle.pk)
    assert states(cycle)["王桂英"] == PaymentState.SENT


def test_a_list_that_names_somebody_dead_sends_nothing_to_her(
    cast: Cast, bank: RecordingBank
) -> None:
    cycle = started(cast, ready(cast))
    record_facts(SYSTEM, cast.mother, [NewFact("death", "2026-04-20")], source="gongan")
    pay(SYSTEM, bank, cycle.pk)
    assert states(cycle) == {"王桂英": PaymentState.HELD, "李松福": PaymentState.SENT}
    held = Payment.objects.get(state=PaymentState.HELD)
    with acting(cast.officer):
        pay_after_all(cast.officer, held.pk, "家属来办，应当发")
    assert Payment.objects.get(pk=held.pk).state == PaymentState.READY


def left(cast: Cast, since: str) -> None:
    """The police report that the hukou went to another city."""
    gone = NewFact("hukou", "510107001001", valid_from=date.fromisoformat(since))
    record_facts(SYSTEM, cast.mother, [gone], source="gongan")


@pytest.mark.parametrize("late", [False, True])
def test_who_left_the_city_gets_nothing_from_the_month_the_policy_says_until_it_was_none(
    cast: Cast, bank: RecordingBank, late: bool
) -> None:
    cycle = started(cast, ready(cast))
    day = policy_of(cycle).day_of("hukou")
    if late:
        make_payments(SYSTEM, cycle)
    left(cast, f"{Month(cycle.month).day(day)}")
    if late:
        follow_turns(SYSTEM)
    pay(SYSTEM, bank, cycle.pk)
    assert states(cycle) == {"王桂英": PaymentState.HELD, "李松福": PaymentState.SENT}
    follow_turns(SYSTEM)
    assert Followed.objects.filter(what="payment", cause="left").count() == 1
    withdraw(SYSTEM, cast.mother, "hukou", "gongan", "", reason="登记错了人")
    follow_turns(SYSTEM)
    pay(SYSTEM, bank, cycle.pk)
    assert states(cycle)["王桂英"] == PaymentState.SENT


def test_the_month_before_the_city_was_left_is_paid(cast: Cast, bank: RecordingBank) -> None:
    cycle = started(cast, ready(cast))
    last = Month(cycle.month).last_day + timedelta(days=1)
    left(cast, f"{last}")
    follow_turns(SYSTEM)
    pay(SYSTEM, bank, cycle.pk)
    assert states(cycle)["王桂英"] == PaymentState.SENT


def gave_back(batch: PaymentBatch, code: str = "E003") -> None:
    """The bank gives back what it had booked on the first account."""
    late = ResultFile(batch.reference, "9", (Result(1, 1_000, code),))
    take_answer(SYSTEM, "late.csv", write_results(late))


def test_money_the_bank_gives_back_is_in_the_fund_and_paid_to_another_account(
    cast: Cast, bank: RecordingBank
) -> None:
    batch = with_the_bank(cast, bank)
    answered(bank, batch, {})
    gave_back(batch)
    assert books() == {"fund": -1_000, "bank": 0, "paid": 1_000}
    payment = Payment.objects.get(state=PaymentState.FAILED)
    assert (payment.paid_at, last_reasons([payment])) == (None, {payment.pk: "账户已销户"})
    assert Cycle.objects.get(pk=batch.cycle_id).state == State.CLOSED
    pay(SYSTEM, bank, batch.cycle_id)
    assert PaymentBatch.objects.count() == 1
    other_account(cast, payment, "6222 0000 1111 2222")
    assert unfinished() == [batch.cycle_id]
    pay(SYSTEM, bank, batch.cycle_id)
    answered(bank, PaymentBatch.objects.get(number=2), {})
    assert books() == {"fund": -2_000, "bank": 0, "paid": 2_000}
    assert set(states(batch.cycle).values()) == {PaymentState.PAID}
    assert unfinished() == []
    assert total() == 0


def test_what_comes_back_of_a_month_after_a_death_is_not_sent_again(
    cast: Cast, bank: RecordingBank
) -> None:
    batch = with_the_bank(cast, bank)
    answered(bank, batch, {})
    line = PaymentLine.objects.get(batch=batch, number=1)
    record_facts(SYSTEM, line.elder, [NewFact("death", "2026-04-20")], source="gongan")
    follow_turns(SYSTEM)
    cycle = run_month(JULY, LONGEVITY)[LONGEVITY]
    assert find_corrections(SYSTEM, cycle) == (0, 1)
    owed = Recovery.objects.get()
    gave_back(batch)
    owed.refresh_from_db()
    assert (owed.open, owed.released) == (0, 1_000)
    payment = Payment.objects.get(pk=line.payment_id)
    with acting(cast.officer), pytest.raises(AfterDeath):
        try_again(cast.officer, payment.pk)
    Payment.objects.filter(pk=payment.pk).update(retry=True)  # said before the death was known
    pay(SYSTEM, bank, batch.cycle_id)
    assert PaymentBatch.objects.count() == 1
    follow_turns(SYSTEM)
    payment.refresh_from_db()
    assert payment.state == PaymentState.CANCELLED
    assert find_corrections(SYSTEM, cycle) == (0, 0)
    withdraw(SYSTEM, line.elder, "death", "gongan", "", reason="登记错了人")
    follow_turns(SYSTEM)
    assert find_corrections(SYSTEM, cycle) == (1, 0)
    found = Arrears.objects.get()
    assert (found.elder, found.month, found.amount) == (line.elder, MONTH, 1_000)
    assert total() == 0


@pytest.mark.parametrize("mended", [False, True])
def test_what_came_back_of_a_month_no_longer_owed_is_called_off(
    cast: Cast, bank: RecordingBank, mended: bool
) -> None:
    batch = with_the_bank(cast, bank)
    answered(bank, batch, {1: "E003"})
    payment = Payment.objects.get(state=PaymentState.FAILED)
    if mended:
        other_account(cast, payment, "6222 0000 1111 2222")
    away = NewFact("hukou", "500112001001", valid_from=date(2020, 1, 1))
    record_facts(SYSTEM, payment.elder, [away], source="gongan")
    with acting(cast.officer), pytest.raises(NotOwed):
        try_again(cast.officer, payment.pk)
    pay(SYSTEM, bank, batch.cycle_id)
    assert PaymentBatch.objects.count() == 1
    payment.refresh_from_db()
    assert payment.state == PaymentState.CANCELLED
    assert find_corrections(SYSTEM, run_month(JULY, LONGEVITY)[LONGEVITY]) == (0, 0)
    assert books() == {"fund": -1_000, "bank": 0, "paid": 1_000}


def test_what_a_death_holds_is_sent_when_an_officer_says_so(
    cast: Cast, bank: RecordingBank
) -> None:
    cycle = started(cast, ready(cast))
    record_facts(SYSTEM, cast.mother, [NewFact("death", "2026-04-20")], source="gongan")
    pay(SYSTEM, bank, cycle.pk)
    held = Payment.objects.get(state=PaymentState.HELD)
    with acting(cast.officer):
        pay_after_all(cast.officer, held.pk, "去世以前月份的补发")
    pay(SYSTEM, bank, cycle.pk)
    held.refresh_from_db()
    assert held.state == PaymentState.SENT


def test_money_that_comes_back_twice_is_in_the_fund_once(cast: Cast, bank: RecordingBank) -> None:
    batch = with_the_bank(cast, bank)
    answered(bank, batch, {})
    gave_back(batch)
    gave_back(batch)
    payment = Payment.objects.get(state=PaymentState.FAILED)
    other_account(cast, payment, "6222 0000 1111 2222")
    pay(SYSTEM, bank, batch.cycle_id)
    second = PaymentBatch.objects.get(number=2)
    answered(bank, second, {})
    gave_back(second, "E004")
    gave_back(batch)
    assert books() == {"fund": -1_000, "bank": 0, "paid": 1_000}
    assert last_reasons([payment]) == {payment.pk: "账户被冻结或止付"}
    with acting(cast.officer):
        call_off(cast.officer, payment.pk, "账户都被冻结，本人来领")
    assert total() == 0


def test_given_back_ends_the_same_in_whatever_order_the_files_come(
    cast: Cast, bank: RecordingBank
) -> None:
    batch = with_the_bank(cast, bank)
    files = [
        ResultFile(batch.reference, str(at), (Result(1, 1_000, code),))
        for at, code in enumerate([PAID, "E003"])
    ]
    ends = []
    for order in permutations(map(write_results, files)):
        with transaction.atomic():
            for content in (*order, *order):
                take_answer(SYSTEM, "r.csv", content)
            ends.append((states(batch.cycle), books()))
            transaction.set_rollback(True)
    assert ends[0] == ends[1]
    assert ends[0][1] == {"fund": -1_000, "bank": 1_000, "paid": 0}


def test_two_results_of_one_line_in_one_file_are_both_refused(
    cast: Cast, bank: RecordingBank
) -> None:
    batch = with_the_bank(cast, bank)
    both = ResultFile(batch.reference, "1", (Result(1, 1_000, PAID), Result(1, 1_000, "E003")))
    answer = take_answer(SYSTEM, "r.csv", write_results(both))
    assert (answer.used, len(answer.refused)) == (0, 2)
    assert states(batch.cycle)["王桂英"] == PaymentState.SENT


def test_a_file_that_cannot_be_used_goes_back_with_the_reason(
    cast: Cast, bank: RecordingBank
) -> None:
    batch = with_the_bank(cast, bank)
    name = bank.answer(f"pay-{batch.reference}.csv")
    bank.waiting["wrong.csv"] = bank.waiting[name].replace(b"T,2,2000", b"T,2,2001")
    stranger = ResultFile("SB-other", "1", (Result(1, 1, PAID),))
    bank.waiting["other.csv"] = write_results(stranger)
    assert take_answers(SYSTEM, bank) == 1
    assert "合计是" in bank.refused["wrong.csv"]
    assert "没有批次" in bank.refused["other.csv"]
    assert bank.kept == [name]


def test_an_answer_before_we_booked_the_file_waits(cast: Cast, bank: RecordingBank) -> None:
    cycle = started(cast, ready(cast))
    make_payments(SYSTEM, cycle)
    [batch] = build(SYSTEM, cycle)
    early = write_results(ResultFile(batch.reference, "1", (Result(1, 1_000, PAID),)))
    with pytest.raises(TooEarly):
        take_answer(SYSTEM, "early.csv", early)
    bank.waiting["early.csv"] = early
    assert take_answers(SYSTEM, bank) == 0
    pay(SYSTEM, bank, cycle.pk)
    assert take_answers(SYSTEM, bank) == 1


def test_a_wrong_file_changes_nothing(cast: Cast, bank: RecordingBank) -> None:
    batch = with_the_bank(cast, bank)
    with pytest.raises(WrongBankFile):
        take_answer(SYSTEM, "r.csv", b"?")
    assert states(batch.cycle) == {"王桂英": "sent", "李松福": "sent"}


def test_a_closed_month_never_changes(cast: Cast, bank: RecordingBank) -> None:
    batch = with_the_bank(cast, bank)
    answered(bank, batch, {})
    refused("UPDATE benefits_payment SET amount = 1, entitled = 1", "Cannot update")
    refused("UPDATE benefits_payment SET state = 'ready', paid_at = NULL", "Invalid transition")
    refused("UPDATE benefits_paymentline SET amount = 1", "Cannot update")
    refused("DELETE FROM benefits_payment", "Cannot delete")
    refused("UPDATE benefits_cycle SET state = 'paying'", "Cannot update|Invalid transition")


def test_a_payment_has_one_line_that_did_not_fail(cast: Cast, bank: RecordingBank) -> None:
    batch = with_the_bank(cast, bank)
    line = PaymentLine.objects.filter(batch=batch).earliest("number")
    second = PaymentBatch.objects.create(
        cycle=batch.cycle, region_id=batch.region_id, number=2, reference="again", rows=1, fen=1_000
    )
    with pytest.raises(IntegrityError, match="payment_is_sent_once"), transaction.atomic():
        PaymentLine.objects.create(
            batch=second, payment=line.payment, elder=line.elder, region_id=line.region_id,
            number=1, account=line.account, amount=1_000,
        )  # fmt: skip


def test_large_cycles_go_in_several_files(cast: Cast, bank: RecordingBank) -> None:
    crowd(5)
    cycle = started(cast, ready(cast))
    pay(SYSTEM, bank, cycle.pk, most=3)
    batches = PaymentBatch.objects.filter(cycle=cycle).order_by("number")
    assert [batch.rows for batch in batches] == [3, 3, 1]
    numbers = [
        [line.number for line in read_payments(bank.sent[f"pay-{b.reference}.csv"]).lines]
        for b in batches
    ]
    assert numbers == [[1, 2, 3], [1, 2, 3], [1]]
    for batch in batches:
        answered(bank, batch, {})
    assert Cycle.objects.get(pk=cycle.pk).state == State.CLOSED
    assert total() == 0


def test_queries_are_cut_to_the_scope(cast: Cast, bank: RecordingBank) -> None:
    batch = with_the_bank(cast, bank)
    cycle = batch.cycle
    with acting(cast.officer):
        assert totals_of(cast.officer, cycle).all.fen == 2_000
        assert batches_of(cast.officer, cycle).count() == 1
    for name in ("town_officer", "far_officer"):
        actor = getattr(cast, name)
        with acting(actor):
            assert payments_of(actor, cycle).count() == 0
            assert lines_of(actor, batch).count() == 0
    with acting(cast.daughter):
        assert payments_of_elder(cast.daughter, cast.mother).count() == 1
        assert payments_of_elder(cast.daughter, cast.neighbour).count() == 0


def test_two_workers_at_once_pay_once(cast: Cast) -> None:
    bank = RecordingBank()
    cycle = started(cast, ready(cast))
    outcomes = together(*[lambda: pay(SYSTEM, bank, cycle.pk)] * 4)
    assert failures(outcomes) == []
    assert Payment.objects.count() == PaymentLine.objects.count() == 2
    assert books() == {"fund": -2_000, "bank": 2_000, "paid": 0}
    batch = PaymentBatch.objects.get()
    bank.answer(f"pay-{batch.reference}.csv")
    content = next(iter(bank.waiting.values()))
    assert failures(together(*[lambda: take_answer(SYSTEM, "r.csv", content)] * 4)) == []
    assert BankAnswer.objects.count() == 1
    assert books() == {"fund": -2_000, "bank": 0, "paid": 2_000}
    assert total() == 0


def fragile(cycle: Cycle) -> None:
    """Put payments into a file as ``build`` does, but without taking the cycle's turn first."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT id, elder_id FROM benefits_payment WHERE state = 'ready'")
        rows = cursor.fetchall()
        cursor.execute("SELECT pg_sleep(0.3)")
        number = PaymentBatch.objects.count() + 1
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
        batch = PaymentBatch.objects.create(
            cycle=cycle, region_id=cycle.region_id, number=number * 100 + pid % 100,
            reference=f"R{pid}", rows=len(rows), fen=1,
        )  # fmt: skip
        for place, (payment, elder) in enumerate(rows, 1):
            PaymentLine.objects.create(
                batch=batch, payment_id=payment, elder_id=elder, region_id="500151001001",
                number=place, account=b"x", amount=1_000,
            )  # fmt: skip


def test_without_the_constraint_two_careless_workers_would_pay_twice(cast: Cast) -> None:
    cycle = started(cast, ready(cast))
    make_payments(SYSTEM, cycle)
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'payment_is_sent_once'")
        (definition,) = cursor.fetchone()
        cursor.execute("DROP INDEX payment_is_sent_once")
        try:
            assert failures(together(*[lambda: fragile(cycle)] * 2)) == []
            cursor.execute("SELECT count(*) FROM benefits_paymentline")
            assert cursor.fetchone() == (4,)  # the bug: two lines for each of two payments
            cursor.execute("SET session_replication_role = replica")
            cursor.execute("DELETE FROM benefits_paymentline; DELETE FROM benefits_paymentbatch")
        finally:
            cursor.execute("SET session_replication_role = DEFAULT")
            cursor.execute(definition)
    errors = failures(together(*[lambda: fragile(cycle)] * 2))
    assert len(errors) == 1
    assert "payment_is_sent_once" in str(errors[0])
    assert PaymentLine.objects.count() == 2


def test_the_first_file_leaves_out_what_is_owed_no_more(cast: Cast, bank: RecordingBank) -> None:
    """She moved between the list and its file; what is still worth something goes as approved."""
    cycle = started(cast, ready(cast))
    record_facts(
        SYSTEM,
        cast.mother,
        [NewFact("hukou", "500152001001", valid_from=date(2026, 5, 1))],
        source="gongan",
    )
    pay(SYSTEM, bank, cycle.pk)
    states = dict(Payment.objects.values_list("elder_id", "state"))
    assert states[cast.mother.pk] == PaymentState.CANCELLED
    assert states[cast.neighbour.pk] == PaymentState.SENT
    assert list(PaymentLine.objects.values_list("elder_id", flat=True)) == [cast.neighbour.pk]
