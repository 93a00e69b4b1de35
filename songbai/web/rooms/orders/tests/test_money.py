"""Money: what an order did, what a month holds, settling, and the books."""

from datetime import timedelta

import pytest
from django.urls import reverse

from songbai.core import clock
from songbai.core.approvals.actions import vote
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.rules import Verdict
from songbai.core.ledger.models import LedgerAccount
from songbai.domain.benefits.tests.cycles import another_officer
from songbai.domain.orders.actions import confirm
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import FARTHEST
from songbai.domain.providers.models import Provider
from songbai.domain.visits.tests.test_looking import doubted
from tests.cast import Cast, acting
from tests.doors import LogIn

pytestmark = pytest.mark.long


def test_an_order_shows_both_sides_of_each_transfer_and_sums_to_zero(
    cast: Cast, done: Order, log_in: LogIn
) -> None:
    reply = log_in(cast.officer).get(reverse("bureau:order", args=[done.pk]))
    assert [words for _, words, *_ in reply.context["entries"]] == [
        *["下单，先留出来"] * 2,
        *["确认，算服务商完成"] * 2,
    ]
    net = {account.words.split(" · 20")[0]: amount for account, amount in reply.context["net"]}
    assert net == {
        "老人的居家服务额度": -20_000,
        "老人自己付的钱": -2_500,
        "服务商待确认": 0,
        "服务商已完成、未结算 · 居家服务额度": 20_000,
        "服务商已完成、未结算 · 自己付": 2_500,
    }
    assert reply.context["net_sum"] == 0
    text = reply.content.decode()
    assert "借贷相等，合计 0" in text
    assert "家属 王*" in text
    assert "比约定晚到" in text


def test_a_month_is_held_then_earned_then_settled(cast: Cast, done: Order, log_in: LogIn) -> None:
    client = log_in(cast.officer)
    assert done.confirmed_at
    with clock.moved_to(done.confirmed_at + timedelta(minutes=11)):
        reply = client.get(reverse("bureau:money"), {"month": done.month})
        [line] = reply.context["tables"].providers
        assert (line.sums.open, line.agrees) == (22_500, True)
        page = client.get(line.settle_url)
        ready = page.context["ready"]
        assert (ready.orders, ready.fen, ready.direct) == (1, 20_000, 2_500)
        assert "自己付的 25 元由家里直接交给服务商" in page.content.decode()
        assert line.sums.direct == 2_500
        told = client.post(line.settle_url, follow=True)
        assert "结算了 1 单，付 200 元" in told.content.decode()
        [line] = told.context["tables"].providers
        assert (line.sums.open, line.sums.settled, line.agrees) == (0, 22_500, True)
        again = client.post(reverse("bureau:settle", args=[cast.provider.pk, done.month]))
        assert again.status_code == 302
    order = Order.objects.get(pk=done.pk)
    assert order.state == "settled"


@pytest.mark.parametrize("name", ["credits", "ledger", "money", "orders"])
def test_every_month_in_which_money_can_stand_is_shown_when_asked_for(
    cast: Cast, log_in: LogIn, name: str
) -> None:
    client, today = log_in(cast.officer), clock.today()
    far = clock.month_of(today + timedelta(days=900))
    for month in (clock.month_of(today + FARTHEST), far):
        found = client.get(reverse(f"bureau:{name}"), {"month": month, "book": "elder/credit"})
        assert (found.context["month"], month in found.context["months"]) == (month, True)
        assert f'<option value="{month}" selected>' in found.content.decode()
    coming = client.get(reverse(f"bureau:{name}")).context["months"]
    assert (clock.month_of(today + FARTHEST) in coming, far in coming) == (True, False)


def test_nothing_is_settled_while_the_family_may_still_undo(
    cast: Cast, done: Order, log_in: LogIn
) -> None:
    client = log_in(cast.officer)
    url = reverse("bureau:settle", args=[cast.provider.pk, done.month])
    assert done.confirmed_at
    with clock.moved_to(done.confirmed_at + timedelta(minutes=1)):
        reply = client.get(url)
        assert (reply.context["ready"].orders, reply.context["ready"].later) == (0, 1)
        assert "没有可以结算的订单" in client.post(url, follow=True).content.decode()


def test_what_is_said_to_be_paid_is_what_is_paid(cast: Cast, log_in: LogIn) -> None:
    held, client = doubted(cast), log_in(cast.officer)
    with acting(cast.daughter):
        confirm(cast.daughter, held.pk)
    url = reverse("bureau:settle", args=[cast.provider.pk, held.month])
    with clock.moved_to(held.window_end + timedelta(days=1)):
        page, money = client.get(url), client.get(reverse("bureau:money"), {"month": held.month})
        text = page.content.decode()
        assert (page.context["ready"].orders, page.context["ready"].held) == (0, 1)
        assert "有 1 单、225 元上门有疑点，核对以后才付" in text
        assert "这次付" not in text
        [line] = money.context["tables"].providers
        assert (line.sums.open, line.sums.doubted, line.settle_url) == (22_500, 22_500, "")
        assert "等核对疑点" in money.content.decode()
        assert "没有付款" in client.post(url, follow=True).content.decode()


def test_no_town_pays_a_provider_in_it(cast: Cast, done: Order, log_in: LogIn) -> None:
    Provider.objects.filter(pk=cast.provider.pk).update(region=f"{cast.town_officer.region}000")
    client = log_in(cast.town_officer)
    url = reverse("bureau:settle", args=[cast.provider.pk, done.month])
    assert (client.get(url).status_code, client.post(url).status_code) == (403, 403)
    assert Order.objects.get(pk=done.pk).state == "done"
    assert log_in(cast.officer).get(url).status_code == 200


def test_a_wrong_month_or_provider_is_not_found(cast: Cast, order: Order, log_in: LogIn) -> None:
    client = log_in(cast.officer)
    for args in ([cast.provider.pk, "2026-99"], [0, order.month]):
        assert client.get(reverse("bureau:settle", args=args)).status_code == 404


def test_the_books_of_a_district_sum_to_zero(cast: Cast, done: Order, log_in: LogIn) -> None:
    reply = log_in(cast.officer).get(reverse("bureau:ledger"))
    assert reply.context["total"] == 0
    assert "借贷相等，合计 0" in reply.content.decode()


def test_a_town_officer_is_told_that_the_sum_is_not_the_whole(
    cast: Cast, done: Order, log_in: LogIn
) -> None:
    LedgerAccount.objects.filter(person_id=cast.mother.pk).update(region_id="500151105201")
    text = log_in(cast.town_officer).get(reverse("bureau:ledger")).content.decode()
    assert "借贷相等" not in text
    assert "由区民政局核对" in text


def test_an_account_shows_what_stood_on_it_after_each_transfer(
    cast: Cast, done: Order, log_in: LogIn
) -> None:
    account = LedgerAccount.objects.get(code=f"elder:{cast.mother.pk}:credit:{done.month}")
    reply = log_in(cast.officer).get(reverse("bureau:ledger"), {"account": account.pk})
    assert [(line["signed"], line["standing"]) for line in reply.context["lines"]] == [
        (-20_000, 0),
        (20_000, 20_000),
    ]
    assert reply.context["complete"]


def test_an_account_seen_in_part_shows_no_balance_after_each(
    cast: Cast, done: Order, log_in: LogIn
) -> None:
    account = LedgerAccount.objects.get(code=f"provider:{cast.provider.pk}:held")
    LedgerAccount.objects.filter(pk=account.pk).update(region_id="500151105000", balance=5)
    reply = log_in(cast.town_officer).get(reverse("bureau:ledger"), {"account": account.pk})
    assert reply.status_code == 200
    assert not reply.context["complete"]
    assert "不显示每笔之后的余额" in reply.content.decode()


def test_credits_of_the_month_are_listed(cast: Cast, order: Order, log_in: LogIn) -> None:
    with clock.moved_to(order.window_start):
        reply = log_in(cast.officer).get(reverse("bureau:credits"), {"month": order.month})
    assert reply.context["given"].fen == 20_000
    assert "王*英" in reply.content.decode()


def test_an_officer_looks_and_the_money_follows(cast: Cast, log_in: LogIn) -> None:
    order, client = doubted(cast), log_in(cast.officer)
    url = reverse("bureau:order_look", args=[order.pk])
    refused = client.post(url, {"given": "1", "reason": "好"})
    assert (refused.status_code, "问了谁" in refused.content.decode()) == (422, True)
    with clock.moved_to(order.window_end):
        client = log_in(cast.officer)
        assert client.post(url, {"given": "0", "reason": "老人说没有人来过"}).status_code == 302
    order.refresh_from_db()
    assert (order.state, order.cancel_reason) == ("cancelled", "老人说没有人来过")
    waiting = client.get(reverse("bureau:orders"), {"show": "held"}).content.decode()
    assert str(order.number) not in waiting


def test_what_was_paid_and_not_given_is_taken_back_by_two_officers_and_kept_back(
    cast: Cast, done: Order, log_in: LogIn
) -> None:
    client, colleague = log_in(cast.officer), another_officer()
    assert done.confirmed_at
    with clock.moved_to(done.confirmed_at + timedelta(minutes=11)):
        settle = reverse("bureau:settle", args=[cast.provider.pk, done.month])
        client.post(settle)
        page = client.get(reverse("bureau:order", args=[done.pk]))
        url = reverse("bureau:order_reverse", args=[done.pk])
        assert url in page.content.decode()
        short = client.post(url, {"idempotency_key": page.context["key"], "why": "假"})
        assert (short.status_code, "至少 4 个字" in short.content.decode()) == (422, True)
        sent = {"idempotency_key": page.context["key"], "why": "家里说那天没有人来"}
        client.post(url, sent)
        assert "已有人申请追回" in client.get(page.request["PATH_INFO"]).content.decode()
        proposal = Proposal.objects.get(kind="order_reversal")
        with acting(colleague):
            vote(colleague, proposal.pk, Verdict.YES)
        asked = client.get(settle).content.decode()
        assert "没有可以结算的" in asked
        statement = log_in(cast.provider_staff).get(reverse("provider:statement"))
        assert "应退回 200 元" in statement.content.decode()
