"""A daughter looks at what is suggested, changes it, agrees, and orders a week."""

import pytest
from django.test import Client
from django.urls import reverse

from songbai.core.accounts.rules import SYSTEM
from songbai.core.audit.models import Read
from songbai.domain.careplans.models import CarePlan, CarePlanLine
from songbai.domain.careplans.queries import week_of
from songbai.domain.careplans.tests.scene import agreed, assessed, drafted, washing
from songbai.domain.catalogue.actions import make_offer
from songbai.domain.catalogue.models import ServiceItem
from songbai.domain.orders.models import Order
from tests.acts import placed
from tests.cast import Cast

pytestmark = pytest.mark.long


def line_of(plan: CarePlan, item: str) -> CarePlanLine:
    return CarePlanLine.objects.get(plan=plan, item_id=item)


def typed(plan: CarePlan, **changes: object) -> dict[str, object]:
    """The form as the page shows it, with changes."""
    sent: dict[str, object] = {"version": plan.version}
    for line in plan.lines.all():
        sent |= {f"times-{line.pk}": line.times, f"per-{line.pk}": line.per, f"kept-{line.pk}": "1"}
        sent[f"offer-{line.pk}"] = line.offer_id or ""
    return {**sent, **changes}


def post(client: Client, plan: CarePlan, **sent: object) -> tuple[int, str]:
    reply = client.post(reverse("family:care_plan", args=[plan.pk]), sent, follow=True)
    return reply.status_code, reply.content.decode()


def test_a_result_becomes_a_plan_by_one_button(cast: Cast, daughter: Client) -> None:
    washing(cast)
    found = assessed(cast)
    url = reverse("family:care_plans", args=[cast.mother.pk])
    assert "建议 5 项服务" in daughter.get(url).content.decode()
    told = daughter.post(url, {"assessment": found.pk}, follow=True).content.decode()
    for words in ("洗澡要人帮助", "未核实", "同意这份计划", cast.provider.name):
        assert words in told, words
    assert "建议 5 项服务" not in daughter.get(url).content.decode()


def test_looking_leaves_a_trace(cast: Cast, daughter: Client) -> None:
    url = reverse("family:care_plan", args=[drafted(cast).pk])
    daughter.get(url)
    assert "care_plan" in Read.objects.get(where=url).fields


def test_changes_are_kept_and_agreed_with_at_once(cast: Cast, daughter: Client) -> None:
    plan = drafted(cast)
    bath, hair = line_of(plan, "A05-01"), line_of(plan, "A01-02")
    sent = typed(plan, **{f"times-{bath.pk}": 2, "act": "agree"})
    del sent[f"kept-{hair.pk}"]
    code, text = post(daughter, plan, **sent)
    assert (code, "说好了" in text, "每周 2 次" in text) == (200, True, True)
    assert "建议过、没有要的：上门洗头" in text


def test_what_is_refused_stays_typed(cast: Cast, daughter: Client) -> None:
    plan = drafted(cast)
    bath = line_of(plan, "A05-01")
    code, text = post(daughter, plan, **typed(plan, **{f"times-{bath.pk}": 99, "act": "save"}))
    assert (code, "最多 21 次" in text) == (409, True)
    assert f'name="times-{bath.pk}" inputmode="numeric" maxlength="2" value="99"' in text
    assert line_of(plan, "A05-01").times == 1


def test_an_old_page_does_not_agree_to_something_else(cast: Cast, daughter: Client) -> None:
    plan = drafted(cast)
    assert post(daughter, plan, **typed(plan, act="agree", version=7))[0] == 409
    assert CarePlan.objects.get().state == "draft"


def test_a_week_is_ordered_by_one_button(cast: Cast, daughter: Client) -> None:
    plan = agreed(cast)
    week = week_of(plan)
    code, text = post(daughter, plan, act="order", expected_own=week.own)
    assert (code, f"订了 {len(week.visits)} 次上门" in text) == (200, True)
    assert "这 7 天的都订好了" in text
    assert Order.objects.filter(elder=cast.mother).count() == len(week.visits)


def test_a_week_with_something_ordered_already_is_asked_about(cast: Cast, daughter: Client) -> None:
    plan = agreed(cast)
    placed(cast, offer_ids=[plan.lines.get(item_id="A01-01").offer_id])
    code, text = post(daughter, plan, act="order")
    assert (code, Order.objects.count()) == (409, 1)
    assert "已经订了一次，还要再订吗？" in text
    assert "还是把这 7 次都订下来" in text
    assert post(daughter, plan, act="order", again=1)[0] == 200
    assert Order.objects.count() == 8


def test_a_week_at_whose_time_somebody_comes_is_asked_about(cast: Cast, daughter: Client) -> None:
    plan = agreed(cast)
    morning = week_of(plan).open[0]
    planned = plan.lines.values_list("item_id", flat=True)
    item = ServiceItem.objects.filter(at_home=True, vehicle="", goes_out=False)
    other = make_offer(
        SYSTEM, cast.other_provider, item.exclude(pk__in=planned)[0], 5_000, ["500151"]
    )
    placed(cast, offer_ids=[other.pk], window_start=morning.begin, window_end=morning.end)
    code, text = post(daughter, plan, act="order")
    assert (code, Order.objects.count()) == (409, 1)
    assert "那个时间已经有人上门，还要再订吗？" in text


def test_another_price_than_shown_orders_nothing(cast: Cast, daughter: Client) -> None:
    code, text = post(daughter, agreed(cast), act="order", expected_own=1)
    assert (code, "看一眼新的金额" in text, Order.objects.count()) == (409, True, 0)


def test_adding_revising_and_ending(cast: Cast, daughter: Client) -> None:
    plan = drafted(cast)
    plan_item = cast.cleaning.item_id
    code, text = post(daughter, plan, act="add", version=plan.version, item=plan_item)
    assert (code, "已经有这一项" in text) == (409, True)
    plan = CarePlan.objects.get()
    post(daughter, plan, **typed(plan, act="agree"))
    assert "这是新的一份" in post(daughter, plan, act="revise")[1]
    assert "请写明为什么停用" in post(daughter, plan, act="end", reason="")[1]
    assert "停用了" in post(daughter, plan, act="end", reason="搬走了")[1]


def test_a_button_nobody_made_is_refused(cast: Cast, daughter: Client) -> None:
    assert post(daughter, drafted(cast), act="x")[0] == 409


def test_strangers_find_nothing(cast: Cast, stranger: Client) -> None:
    plan = drafted(cast)
    for url in (
        reverse("family:care_plan", args=[plan.pk]),
        reverse("family:care_plans", args=[cast.mother.pk]),
    ):
        assert stranger.get(url).status_code == 404
        assert stranger.post(url, {"act": "agree"}).status_code == 404


def test_without_money_in_the_binding_no_price_is_shown(cast: Cast, daughter: Client) -> None:
    plan = agreed(cast)
    proxy = cast.mother.proxies.get(account_id=cast.daughter.account)
    proxy.may_see_money = False
    proxy.save(update_fields=["may_see_money"])
    text = daughter.get(reverse("family:care_plan", args=[plan.pk])).content.decode()
    assert "自己付" not in text
    assert "expected_own" not in text
