"""Money reaches another account only when two officers say so, and the person is told."""

import uuid
from unittest.mock import Mock

import pytest

from songbai.core.accounts.rules import SYSTEM
from songbai.core.approvals.actions import OwnProposal, vote, withdraw
from songbai.core.approvals.rules import Verdict
from songbai.domain.benefits.actions.cycles import send_notices
from songbai.domain.benefits.actions.paying import ask_account, pay
from songbai.domain.benefits.bank import RecordingBank
from songbai.domain.benefits.models import Notice, Payment, PaymentBatch
from songbai.domain.benefits.queries.payments import account_now, mended, told_beside
from songbai.domain.benefits.rules.paying import PaymentState
from songbai.domain.benefits.telling import Message
from songbai.domain.elders.actions.corrections import (
    Correction,
    ask_correction,
    choose_account,
)
from songbai.domain.elders.actions.facts import (
    AccountTakesTwo,
    NewFact,
    decide_conflict,
    record_facts,
)
from songbai.domain.elders.models import Conflict, ConflictState
from tests.cast import Cast, acting

from .payments import agreed, answered, other_account, with_the_bank

# Cycles are decided by an engine with a connection of its own.
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def bank() -> RecordingBank:
    return RecordingBank()


def test_money_goes_to_no_other_account_by_one_hand(cast: Cast, bank: RecordingBank) -> None:
    batch = with_the_bank(cast, bank)
    answered(bank, batch, {1: "E003"})
    payment = Payment.objects.get(state=PaymentState.FAILED)
    with acting(cast.officer):
        asked = ask_account(cast.officer, payment.pk, "6222000011112222", "本人带社保卡到窗口")
        with pytest.raises(OwnProposal):
            vote(cast.officer, asked.pk, Verdict.YES)
        assert list(mended(cast.officer)) == []
    assert "另一位老人" not in asked.about
    pay(SYSTEM, bank, batch.cycle_id)
    assert PaymentBatch.objects.count() == 1
    assert not Notice.objects.filter(cycle=None).exists()
    agreed(asked)
    pay(SYSTEM, bank, batch.cycle_id)
    assert PaymentBatch.objects.count() == 2


def test_whoever_decides_is_told_that_the_account_is_somebody_elses(cast: Cast) -> None:
    for elder, account in ((cast.mother, "6222000011113333"), (cast.neighbour, "6222000011114444")):
        record_facts(SYSTEM, elder, [NewFact("bank_card", account)], source="renshe")
    for account, told in (("6222000011114444", True), ("6222000011113333", False)):
        key, why = uuid.uuid4(), "本人带社保卡到窗口"
        wanted = Correction(key, "bank_card", account, why, shared=True)
        with acting(cast.officer):
            asked = ask_correction(cast.officer, cast.mother, wanted)
            assert ("登记在另一位老人名下" in asked.about) is told
            withdraw(cast.officer, asked.pk)


def test_whose_money_goes_to_another_account_is_told(cast: Cast, bank: RecordingBank) -> None:
    batch = with_the_bank(cast, bank)
    answered(bank, batch, {1: "E003"})
    payment = Payment.objects.get(state=PaymentState.FAILED)
    other_account(cast, payment, "6222000011112222")
    told = Notice.objects.get(cycle=None)
    assert told.elder_id == payment.elder_id
    assert "尾号 2222" in told.text
    assert "622200001111" not in told.text
    with acting(cast.daughter):
        assert list(told_beside(cast.daughter, cast.mother)) == [told]
    with acting(cast.stranger_family):
        assert list(told_beside(cast.stranger_family, cast.mother)) == []
    sent: list[Message] = []
    way = Mock(send=sent.extend)
    while send_notices(SYSTEM, way):
        pass
    assert told.text in [message.text for message in sent]


def test_which_of_two_accounts_is_right_two_officers_say_and_the_person_is_told(
    cast: Cast,
) -> None:
    record_facts(SYSTEM, cast.mother, [NewFact("bank_card", "6222000011113333")], source="renshe")
    record_facts(SYSTEM, cast.mother, [NewFact("bank_card", "6222000011114444")], source="minzheng")
    one = Conflict.objects.get(elder=cast.mother, kind="bank_card")
    with acting(cast.officer):
        with pytest.raises(AccountTakesTwo):
            decide_conflict(cast.officer, one.pk, source="minzheng", reason="看了社保卡")
        key, why = uuid.uuid4(), "看了社保卡"
        asked = choose_account(cast.officer, one.pk, key, source="minzheng", why=why)
    assert account_now(cast.mother).endswith("3333")
    agreed(asked)
    assert account_now(cast.mother).endswith("4444")
    one.refresh_from_db()
    assert one.state != ConflictState.OPEN
    assert "尾号 4444" in Notice.objects.get(cycle=None).text
