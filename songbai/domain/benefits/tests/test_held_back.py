"""One condition says whether a payment may be sent now; lists and acts say the same."""

import uuid
from datetime import date
from itertools import product

import pytest

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.approvals.actions import vote
from songbai.core.approvals.rules import Verdict
from songbai.core.ledger.queries import balance, total
from songbai.core.overriding import triggers_of
from songbai.domain.benefits.actions.correcting import resume
from songbai.domain.benefits.actions.paying import (
    ask_account,
    call_off,
    pay_after_all,
    try_again,
)
from songbai.domain.benefits.actions.paying.accounts import (
    AfterDeath,
    NotFailed,
    NotOwed,
    tell_held_accounts,
)
from songbai.domain.benefits.models import Cycle, CycleException, Notice, Payment, Recovery
from songbai.domain.benefits.queries.payments import held, mended, others_with_account, to_mend
from songbai.domain.benefits.queries.sendable import Hold, held_why, sendable
from songbai.domain.benefits.rules.cycle import ExceptionKind, ExceptionState
from songbai.domain.benefits.rules.paying import PaymentState
from songbai.domain.elders.actions.corrections import AnothersAccount, Correction, ask_correction
from songbai.domain.elders.actions.facts import NewFact, record_facts, withdraw
from songbai.domain.elders.actions.turning import follow_turns
from songbai.domain.elders.models import Elder, Followed
from tests.cast import Cast, acting

from .cycles import another_officer
from .frozen import MONTH, checked_cycle, kept_back, owing, waiting_payment

pytestmark = pytest.mark.django_db
HERS, OTHER = "6222000011112222", "6222000011113333"


def account(elder: Elder, digits: str, source: str = "renshe") -> None:
    record_facts(SYSTEM, elder, [NewFact("bank_card", digits)], source=source)


def died(elder: Elder, day: str) -> None:
    record_facts(SYSTEM, elder, [NewFact("death", day)], source="gongan")


def waits(elder: Elder, state: PaymentState = PaymentState.READY) -> Payment:
    """Ten yuan of June for somebody with an account of her own."""
    account(elder, HERS)
    cycle = Cycle.objects.first() or checked_cycle(elder).cycle
    return waiting_payment(elder, cycle.pk, state)


def goes(payment: Payment) -> bool:
    return Payment.objects.filter(sendable(), pk=payment.pk).exists()


def hold(payment: Payment) -> Hold | None:
    payment.refresh_from_db()
    return held_why([payment]).get(payment.pk)


def again(payment: Payment) -> None:
    """The bank refused it, and somebody said to try again: before anything else was known."""
    Payment.objects.filter(pk=payment.pk).update(retry=True)


@pytest.mark.parametrize("state", [PaymentState.READY, PaymentState.FAILED])
def test_money_of_a_month_after_a_death_is_not_sent_and_of_its_month_is(
    cast: Cast, state: PaymentState
) -> None:
    payment = waits(cast.mother, state)
    if state is PaymentState.FAILED:
        again(payment)
    assert goes(payment)
    for day, sent in (("2026-05-31", False), ("2026-06-01", True), ("2026-07-20", True)):
        died(cast.mother, day)
        assert (goes(payment), hold(payment)) == (sent, None if sent else Hold.DEATH)
    died(cast.mother, "2026-05-31")
    withdraw(SYSTEM, cast.mother, "death", "gongan", "", reason="登记错了人")
    assert goes(payment)


def test_a_policy_that_pays_the_dead_goes_on_paying(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = waits(cast.mother)
    text = payment.cycle.policy_text
    died(cast.mother, "2026-05-31")
    assert hold(payment) is Hold.DEATH
    paying = "songbai.domain.benefits.queries.sendable.texts_paying_dead"
    monkeypatch.setattr(paying, lambda: [text.digest])
    assert (hold(payment), goes(payment)) == (None, True)


def test_whose_account_is_another_living_persons_is_not_paid(cast: Cast) -> None:
    """Whoever says so: a department, a clerk who settles a conflict, a correction of old."""
    payment = waits(cast.mother)
    for source in ("minzheng", "renshe", "decision"):
        account(cast.neighbour, HERS, source)
        assert (goes(payment), hold(payment)) == (False, Hold.ACCOUNT)
        account(cast.neighbour, OTHER, source)
        assert goes(payment)
    account(cast.far_elder, HERS)  # in another district
    assert not goes(payment)
    died(cast.far_elder, "2026-01-02")
    assert (goes(payment), hold(payment)) == (True, None)


def test_the_two_records_of_one_person_share_an_account(cast: Cast) -> None:
    payment = waits(cast.mother)
    account(cast.neighbour, HERS)
    with triggers_of("elders_elder"):
        Elder.objects.filter(pk=cast.neighbour.pk).update(merged_into=cast.mother)
    assert goes(payment)


def test_an_account_that_two_officers_took_knowingly_is_paid(cast: Cast) -> None:
    payment = waits(cast.mother)
    account(cast.neighbour, HERS)
    hers = waiting_payment(cast.neighbour, payment.cycle_id)
    assert not goes(payment)
    with acting(cast.officer):
        with pytest.raises(AnothersAccount, match="另一位老人名下"):
            ask_account(cast.officer, payment.pk, HERS, "夫妻合用一张卡")
        asked = ask_account(cast.officer, payment.pk, HERS, "夫妻合用一张卡", shared=True)
    assert "登记在另一位老人名下" in asked.about
    assert not goes(payment)
    colleague = another_officer()
    with acting(colleague):
        vote(colleague, asked.pk, Verdict.YES)
    assert goes(payment)
    assert goes(hers)
    account(cast.far_elder, HERS)  # nobody knew of a third
    assert not goes(hers)


def test_what_the_checks_found_and_the_list_took_along_is_paid(cast: Cast) -> None:
    payment = waits(cast.mother)
    account(cast.neighbour, HERS)
    found = CycleException.objects.get(cycle=payment.cycle, elder=cast.mother)
    with triggers_of("benefits_cycleexception"):
        CycleException.objects.filter(pk=found.pk).update(
            kind=ExceptionKind.DOUBLE_ACCOUNT,
            state=ExceptionState.RELEASED,
            found_at=clock.now(),
            settled_at=clock.now(),
        )
    assert goes(payment)
    account(cast.mother, OTHER)
    account(cast.neighbour, OTHER)
    assert hold(payment) is Hold.ACCOUNT


def test_another_persons_account_is_refused_where_it_is_typed_and_where_it_is_agreed(
    cast: Cast,
) -> None:
    payment = waits(cast.mother, PaymentState.FAILED)
    account(cast.neighbour, OTHER)
    wanted = Correction(uuid.uuid4(), "bank_card", OTHER, "存折上是这个账号")
    with acting(cast.officer):
        with pytest.raises(AnothersAccount) as refused:
            ask_account(cast.officer, payment.pk, OTHER, "本人带存折来的")
        assert refused.value.field == "account"
        with pytest.raises(AnothersAccount, match="登记在另一位老人名下"):
            ask_correction(cast.officer, cast.mother, wanted)
    with acting(cast.daughter), pytest.raises(AnothersAccount) as refused:
        ask_correction(cast.daughter, cast.mother, wanted)
    assert "另一位" not in refused.value.message  # whose it is, is not told
    free = "6222000011115555"
    with acting(cast.officer):
        asked = ask_account(cast.officer, payment.pk, free, "本人带存折来的")
    account(cast.neighbour, free)  # meanwhile
    colleague = another_officer()
    with acting(colleague), pytest.raises(AnothersAccount, match="不能同意"):
        vote(colleague, asked.pk, Verdict.YES)
    died(cast.neighbour, "2026-01-02")
    with acting(colleague):
        vote(colleague, asked.pk, Verdict.YES)


def test_each_whose_account_is_anothers_is_told_once_what_to_do(cast: Cast) -> None:
    payment = waits(cast.mother)
    account(cast.neighbour, HERS)
    hers = waiting_payment(cast.neighbour, payment.cycle_id)
    assert [tell_held_accounts(SYSTEM, payment.cycle) for _ in range(2)] == [2, 0]
    told = Notice.objects.filter(cycle=None)
    assert set(told.values_list("elder_id", flat=True)) == {payment.elder_id, hers.elder_id}
    assert all("请带社会保障卡和身份证到社区核对" in one.text for one in told)
    with acting(cast.officer):
        assert others_with_account(cast.officer, payment) == [cast.neighbour]
    with acting(cast.far_officer):
        assert others_with_account(cast.far_officer, payment) == []


def test_a_suspended_benefit_is_not_sent_until_it_is_resumed(cast: Cast) -> None:
    """Also what was ready, or came back, when it was suspended; of one policy, by either record."""
    payment = waits(cast.mother)
    other = kept_back(cast.mother, "another-policy")
    stop = kept_back(cast.mother)
    for state in (PaymentState.READY, PaymentState.FAILED):
        with triggers_of("benefits_payment"):
            Payment.objects.filter(pk=payment.pk).update(state=state, retry=True)
        assert (goes(payment), hold(payment)) == (False, Hold.SUSPENDED)
    resume(SYSTEM, stop.pk, clock.today(), "认证补做好了")
    assert other.ended_at is None
    assert (goes(payment), hold(payment)) == (True, None)
    account(cast.neighbour, OTHER)
    with triggers_of("elders_elder"):
        Elder.objects.filter(pk=cast.neighbour.pk).update(merged_into=cast.mother)
    kept_back(cast.neighbour)
    assert hold(payment) is Hold.SUSPENDED


def test_a_month_that_is_asked_back_is_not_sent(cast: Cast) -> None:
    payment = waits(cast.mother, PaymentState.FAILED)
    again(payment)
    owed = owing(cast.mother)
    assert goes(payment)  # of another month
    with triggers_of("benefits_recovery"):
        Recovery.objects.filter(pk=owed.pk).update(month=payment.month)
    assert (goes(payment), hold(payment)) == (False, Hold.CLAIM)
    with acting(cast.officer), pytest.raises(NotOwed):
        try_again(cast.officer, payment.pk)


def test_what_came_back_for_the_dead_is_called_off_and_asked_back_no_longer(cast: Cast) -> None:
    payment = waits(cast.mother, PaymentState.FAILED)
    with triggers_of("benefits_recovery"):
        owed = owing(cast.mother)
        Recovery.objects.filter(pk=owed.pk).update(month=payment.month)
    died(cast.mother, "2026-05-20")
    with acting(cast.officer):
        for act in (
            lambda: try_again(cast.officer, payment.pk),
            lambda: ask_account(cast.officer, payment.pk, OTHER, "家属带存折来的"),
        ):
            with pytest.raises(AfterDeath):
                act()
    follow_turns(SYSTEM)
    payment.refresh_from_db()
    owed.refresh_from_db()
    assert payment.state == PaymentState.CANCELLED
    assert (owed.open, owed.released) == (0, 1_000)
    assert balance(f"elder:{cast.mother.pk}:owed") == total() == 0
    told = Followed.objects.get(what="payment").words
    assert "没有发成，不再发，10 元 不用退回" in told
    withdraw(SYSTEM, cast.mother, "death", "gongan", "", reason="登记错了人")
    follow_turns(SYSTEM)
    assert Followed.objects.get(what="payment").state == "put_back"
    payment.refresh_from_db()
    assert payment.state == PaymentState.CANCELLED  # the month is found again as arrears
    with acting(cast.officer), pytest.raises(NotFailed):
        try_again(cast.officer, payment.pk)


def test_what_a_death_holds_goes_when_an_officer_says_so_or_ends(cast: Cast) -> None:
    payment = waits(cast.mother)
    died(cast.mother, "2026-05-20")
    follow_turns(SYSTEM)
    assert hold(payment) is Hold.DEATH
    with acting(cast.officer):
        assert list(held(cast.officer)) == [payment]
        pay_after_all(cast.officer, payment.pk, "去世以前月份的补发")
        assert list(held(cast.officer)) == []
        assert goes(payment)
        call_off(cast.officer, payment.pk, "家属说不要了")
    assert hold(payment) is None


def test_lists_and_files_agree_in_every_case(cast: Cast) -> None:
    """What is in no file and not only without an account is on a list of what people do."""
    payment = waits(cast.mother)
    cases = product(
        (PaymentState.READY, PaymentState.FAILED),
        (False, True),  # told to try again
        (None, date(2026, 5, 31), date(2026, 6, 30)),
        (None, "lives", "dead"),  # who has the same account
    )
    account(cast.neighbour, HERS)
    for state, retry, day, other in cases:
        with triggers_of("benefits_payment"):
            Payment.objects.filter(pk=payment.pk).update(state=state, retry=retry)
        with triggers_of("elders_elder"):
            Elder.objects.filter(pk=cast.mother.pk).update(died_on=day)
            Elder.objects.filter(pk=cast.neighbour.pk).update(
                died_on=date(2026, 1, 1) if other == "dead" else None
            )
        account(cast.neighbour, HERS if other else OTHER)
        dead = day is not None and f"{day:%Y-%m}" < MONTH.text and not (state == "ready" and retry)
        right = not dead and other != "lives"
        with acting(cast.officer):
            lists = [
                payment in rows(cast.officer) for rows in (to_mend, mended, held)
            ]  # nobody answered yet: a failed one has another account than those that failed
        failed = state is PaymentState.FAILED
        assert goes(payment) is right, (state, retry, day, other)
        assert lists == [failed and not right, failed and right, not failed and not right]
