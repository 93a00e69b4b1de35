"""The pages of money on its way: who may, whom they see, what the buttons do."""

import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.approvals.models import Proposal
from songbai.core.audit.models import Read
from songbai.core.events.models import Event
from songbai.domain.benefits.actions.paying import pay
from songbai.domain.benefits.bank import RecordingBank
from songbai.domain.benefits.models import Payment, PaymentBatch
from songbai.domain.benefits.rules.paying import PaymentState
from songbai.domain.benefits.tasks import tell_corrected_account
from songbai.domain.benefits.tests.cycles import another_officer
from songbai.domain.benefits.tests.frozen import waiting_payment
from songbai.domain.benefits.tests.payments import answered, with_the_bank
from songbai.domain.elders.actions.corrections import CORRECTION
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.domain.elders.declares import OFFICER
from tests.cast import Cast, make_account
from tests.doors import LogIn

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
NEW_ACCOUNT = "6222 0000 1111 2222"
NEW = {"account": NEW_ACCOUNT, "basis": "本人带社保卡到窗口"}


@pytest.fixture
def bank() -> RecordingBank:
    return RecordingBank()


@pytest.fixture
def one(cast: Cast, bank: RecordingBank) -> Payment:
    """Mrs Wang's money came back: her account is closed. Her neighbour's arrived."""
    batch = with_the_bank(cast, bank)
    answered(bank, batch, {1: "E003"})
    return Payment.objects.get(state=PaymentState.FAILED)


def addresses(one: Payment) -> list[str]:
    return [
        reverse("bureau:failed_payments"),
        reverse("bureau:payment", args=[one.pk]),
        reverse("bureau:cycle_payments", args=[one.cycle_id]),
    ]


def text(reply: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", reply.content.decode()))


def post(client: Client, one: Payment, **sent: str) -> Any:
    keyed = {"idempotency_key": str(uuid.uuid4()), **sent}
    return client.post(reverse("bureau:payment", args=[one.pk]), keyed, follow=True)


def listed(client: Client, show: str = "") -> list[int]:
    reply = client.get(reverse("bureau:failed_payments"), {"show": show})
    return [row.pk for row, *_ in reply.context["rows"]]


def test_strangers_are_asked_to_log_in(client: Client, one: Payment) -> None:
    for url in addresses(one):
        assert client.get(url)["Location"].startswith(reverse("accounts:login")), url
    assert client.post(addresses(one)[1])["Location"].startswith(reverse("accounts:login"))


@pytest.mark.parametrize("who", ["daughter", "caregiver", "dispatcher", "provider_staff"])
def test_other_roles_are_turned_away(cast: Cast, one: Payment, log_in: LogIn, who: str) -> None:
    client = log_in(cast.actors()[who])
    for url in addresses(one):
        assert client.get(url).status_code == 403, url
    assert post(client, one, act="again").status_code == 403


def test_the_officer_sees_every_page_masked_and_leaves_a_trace(
    cast: Cast, one: Payment, log_in: LogIn
) -> None:
    client = log_in(cast.officer)
    for url in addresses(one):
        before = Read.objects.count()
        reply = client.get(url)
        assert reply.status_code == 200, url
        page = reply.content.decode()
        assert "王*英" in page, url
        assert not [s for s in ("王桂英", "500190194205061024", "621700000000000") if s in page]
        assert Read.objects.count() > before, url
    said = text(client.get(addresses(one)[1]))
    assert "***********0000" in said
    assert "账户已销户" in said
    assert Read.objects.filter(purpose="核对发放账号", fields__contains=["bank_card"]).exists()


def test_another_district_sees_nothing_of_it(cast: Cast, one: Payment, log_in: LogIn) -> None:
    client = log_in(cast.far_officer)
    for url in addresses(one):
        reply = client.get(url)
        assert reply.status_code == (200 if url == addresses(one)[0] else 404), url
        assert "王*英" not in reply.content.decode(), url
    assert post(client, one, act="again").status_code == 404


def test_another_town_sees_nobody_of_it(cast: Cast, one: Payment, log_in: LogIn) -> None:
    client = log_in(cast.town_officer)
    assert listed(client) == []
    assert client.get(addresses(one)[1]).status_code == 404
    money = client.get(addresses(one)[2])
    assert (money.context["rows"], money.context["told"].all.people) == ([], 0)
    assert money.context["batches"] == []
    assert post(client, one, act="account", account=NEW_ACCOUNT).status_code == 404
    one.refresh_from_db()
    assert not one.retry


def test_her_own_town_mends_it(cast: Cast, one: Payment, log_in: LogIn) -> None:
    client = log_in(make_account("巴川办", cast.officer.kind, "500151001"))  # type: ignore[arg-type]
    assert listed(client) == [one.pk]
    assert "同一个账号再发一次" in text(post(client, one, act="again"))
    one.refresh_from_db()
    assert one.retry


def decide(log_in: LogIn, own: Client, other: Actor | None = None) -> None:
    """The list of what waits shows the other account; only a colleague agrees to it."""
    asked = Proposal.objects.get(kind=CORRECTION)
    page = reverse("bureau:proposal", args=[asked.pk])
    assert "要由另一位同事审" in own.get(page).content.decode()
    assert own.post(page, {"verdict": "yes"}).status_code in {403, 409}
    colleague = log_in(other or another_officer())
    assert "更正一卡通账号" in colleague.get(reverse("bureau:proposals")).content.decode()
    assert "本人带社保卡到窗口" in colleague.get(page).content.decode()
    assert colleague.post(page, {"verdict": "yes"}).status_code == 302
    tell_corrected_account(Event.objects.filter(kind="proposal.approved").latest("pk").pk)


def test_the_new_account_is_told_to_the_family_and_at_the_counter(
    cast: Cast, one: Payment, log_in: LogIn
) -> None:
    client = log_in(cast.officer)
    post(client, one, act="account", **NEW)
    decide(log_in, client)
    family = log_in(cast.daughter).get(reverse("family:benefits", args=[one.elder_id]))
    assert "领钱的账号改成了尾号 2222 的" in family.content.decode()
    counter = client.get(reverse("bureau:elder_counter", args=[one.elder_id])).content.decode()
    assert "另外要告诉的：领钱的账号改成了尾号 2222 的" in counter
    assert "王桂英" not in counter


def test_a_new_account_takes_it_off_the_list_and_into_the_next_file(
    cast: Cast, bank: RecordingBank, one: Payment, log_in: LogIn
) -> None:
    client = log_in(cast.officer)
    wrong = post(client, one, act="account", account="卡丢了")
    assert wrong.status_code == 409
    assert 'value="卡丢了"' in wrong.content.decode()
    assert listed(client) == [one.pk]
    no_reason = post(client, one, act="account", account=NEW_ACCOUNT, basis="")
    assert (no_reason.status_code, "看了什么证件" in no_reason.content.decode()) == (409, True)
    assert "新账号报上去了" in text(post(client, one, act="account", **NEW))
    assert listed(client) == [one.pk]
    assert "等另一位同事核对" in client.get(addresses(one)[1]).content.decode()
    decide(log_in, client)
    assert (listed(client), listed(client, "mended")) == ([], [one.pk])
    assert client.get(addresses(one)[1]).context["mended"]
    pay(SYSTEM, bank, one.cycle_id)
    assert listed(client, "mended") == []
    answered(bank, PaymentBatch.objects.get(number=2), {})
    tries = client.get(addresses(one)[1]).context["tries"]
    assert [(account[-4:], result) for _, account, result in tries] == [
        ("2222", "到账了"),
        ("0000", "账户已销户"),
    ]


def test_an_account_that_fails_too_comes_back_on_the_list(
    cast: Cast, bank: RecordingBank, one: Payment, log_in: LogIn
) -> None:
    client = log_in(cast.officer)
    post(client, one, act="account", **NEW)
    decide(log_in, client)
    pay(SYSTEM, bank, one.cycle_id)
    answered(bank, PaymentBatch.objects.get(number=2), {1: "E001"})
    assert (listed(client), listed(client, "mended")) == ([one.pk], [])


def test_calling_off_needs_a_reason_and_is_the_end(cast: Cast, one: Payment, log_in: LogIn) -> None:
    client = log_in(cast.officer)
    assert post(client, one, act="off", why="无").status_code == 409
    assert "不再发放" in text(post(client, one, act="off", why="三次联系不上"))
    one.refresh_from_db()
    assert one.state == PaymentState.CANCELLED
    assert listed(client) == []
    assert post(client, one, act="again").status_code == 409
    assert post(client, one, act="steal").status_code == 409
    assert 'name="act"' not in client.get(addresses(one)[1]).content.decode()


def test_who_has_no_account_is_listed_until_there_is_one(
    cast: Cast, one: Payment, log_in: LogIn
) -> None:
    client = log_in(cast.officer)
    assert listed(client, "none") == []
    waits = waiting_payment(cast.far_elder, one.cycle_id)
    far = log_in(cast.far_officer)
    assert (listed(far, "none"), listed(client, "none")) == ([waits.pk], [])
    assert "新账号报上去了" in text(post(far, waits, act="account", **NEW))
    decide(log_in, far, make_account("潼审", OFFICER, cast.far_officer.region or ""))
    assert listed(far, "none") == []


def test_what_a_death_holds_is_listed_until_somebody_decides(
    cast: Cast, one: Payment, log_in: LogIn
) -> None:
    held = waiting_payment(cast.far_elder, one.cycle_id, PaymentState.HELD)
    far, page = log_in(cast.far_officer), reverse("bureau:payment", args=[held.pk])
    assert (listed(far, "held"), listed(log_in(cast.officer), "held")) == ([held.pk], [])
    said = text(far.get(page))
    assert "现在不发：登记去世或离开本市" in said
    assert "原账号再发一次" not in said
    assert "1 笔待遇先不发" in text(far.get(reverse("bureau:overview")))
    assert post(far, held, act="all", why="无").status_code == 409
    assert "这笔钱照发" in text(post(far, held, act="all", why="去世以前月份的补发"))
    assert (listed(far, "held"), listed(far, "none")) == ([], [held.pk])


def test_another_elders_account_is_refused_unless_it_is_known(
    cast: Cast, one: Payment, log_in: LogIn
) -> None:
    client = log_in(cast.officer)
    sent = {"act": "account", "account": "621700000000001", "basis": "夫妻合用一张卡"}
    refused = post(client, one, **sent)
    assert (refused.status_code, "登记在另一位老人名下" in text(refused)) == (409, True)
    assert "新账号报上去了" in text(post(client, one, **sent, shared="1"))
    asked = Proposal.objects.get(kind=CORRECTION)
    page = log_in(another_officer()).get(reverse("bureau:proposal", args=[asked.pk]))
    assert "这个账号登记在另一位老人名下" in text(page)


def test_the_money_of_a_cycle_adds_up_to_its_people(
    cast: Cast, one: Payment, log_in: LogIn
) -> None:
    client = log_in(cast.officer)
    url = addresses(one)[2]
    context = client.get(url).context
    assert context["told"].all.people == len(context["rows"]) == 2
    for _, count, address, _ in context["tabs"]:
        assert len(client.get(address).context["rows"]) == count
    [(batch, _)] = context["batches"]
    assert (batch.paid_rows, batch.failed_rows) == (1, 1)
    assert [(answer.used, answer.refused) for answer in context["answers"]] == [(2, [])]
    cycle = client.get(reverse("bureau:cycle", args=[one.cycle_id]))
    assert url in cycle.content.decode()


@pytest.mark.usefixtures("one")
def test_what_must_be_mended_is_counted_in_the_side_bar_and_in_todays_list(
    cast: Cast, log_in: LogIn
) -> None:
    for who, count in ((cast.officer, 1), (cast.town_officer, 0)):
        page = log_in(who).get(reverse("bureau:overview"))
        titles = [task.title for task in page.context["tasks"]]
        assert ("1 笔待遇没有到账" in titles) == bool(count)
        [entry] = [e for e in page.context["side_nav"] if e.get("name") == "failed_payments"]
        assert entry["count"] == count


def test_two_people_with_one_account_are_listed_with_what_to_do(
    cast: Cast, one: Payment, log_in: LogIn
) -> None:
    for elder in (cast.far_elder, cast.mother):
        record_facts(SYSTEM, elder, [NewFact("bank_card", "6222000011119999")], source="renshe")
    page = text(log_in(cast.officer).get(reverse("bureau:payment", args=[one.pk])))
    assert "两位老人同一个账号" in page
    assert "外镇街或外区的另一位老人" in page
    same = NewFact("bank_card", "6222000011119999")
    record_facts(SYSTEM, cast.neighbour, [same], source="renshe")
    shown = log_in(cast.officer).get(reverse("bureau:payment", args=[one.pk])).content.decode()
    assert reverse("bureau:elder", args=[cast.neighbour.pk]) in shown
