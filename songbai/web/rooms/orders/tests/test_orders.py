"""What a family sees of an order, and what it may do."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from songbai.core import clock
from songbai.core.accounts.queries import people_of
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.benefits.tests.giving import credit_left
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.domain.elders.actions.turning import follow_turns
from songbai.domain.orders.actions import cancel
from songbai.domain.orders.errors import Died
from songbai.domain.orders.rules import OrderState
from songbai.domain.orders.tasks import confirm_due
from songbai.domain.visits.actions import look
from songbai.domain.visits.queries.figures import doubts_by_kind
from songbai.domain.visits.rules import Doubt
from songbai.domain.visits.tests.test_looking import doubted
from songbai.web.rooms.orders.tests.household import placed, served
from tests.cast import Cast, acting

pytestmark = pytest.mark.long

ACTS = ["family:order_cancel", "family:order_confirm", "family:order_deny", "family:order_undo"]


def test_orders_waiting_for_the_family_come_first(cast: Cast, daughter: Client) -> None:
    done, open_ = served(cast), placed(cast)
    text = daughter.get(reverse("family:orders")).content.decode()
    links = [reverse("family:order", args=[order.pk]) for order in (done, open_)]
    assert text.index(links[0]) < text.index(links[1])


def test_a_served_order_shows_story_evidence_steps_and_payers(cast: Cast, daughter: Client) -> None:
    order = served(cast)
    text = daughter.get(reverse("family:order", args=[order.pk])).content.decode()
    for words in (
        "您下单",
        "护理员李芳到了",
        "做完了，已签退",
        "对上了老人的码（扫的或输的）",
        "39",
        "自己付",
        "25 元",
    ):
        assert words in text
    assert "张*" in text
    assert "张霞" not in text


def test_money_that_came_after_the_order_is_named(cast: Cast, daughter: Client) -> None:
    first, second = placed(cast), placed(cast)
    url = reverse("family:order", args=[second.pk])
    assert "取消再订一次" not in daughter.get(url).content.decode()
    cancel(cast.daughter, first.pk)
    text = daughter.get(url).content.decode()
    assert "现在取消再订一次，居家服务额度付 200 元，自己付 25 元" in text
    paid = reverse("family:order", args=[placed(cast).pk])
    assert "取消再订一次" not in daughter.get(paid).content.decode()


def test_a_stranger_finds_no_order(cast: Cast, stranger: Client, client: Client) -> None:
    order = served(cast)
    url = reverse("family:order", args=[order.pk])
    assert client.get(url).status_code == 302
    reply = stranger.get(url)
    assert reply.status_code == 404
    assert cast.mother.name not in reply.content.decode()
    assert people_of(cast.stranger_family) == [cast.far_elder.pk]


@pytest.mark.parametrize("act", ACTS)
def test_a_stranger_changes_no_order(
    cast: Cast, stranger: Client, client: Client, act: str
) -> None:
    order = served(cast)
    assert stranger.post(reverse(act, args=[order.pk])).status_code == 404
    assert client.post(reverse(act, args=[order.pk])).status_code == 302
    order.refresh_from_db()
    assert order.state == OrderState.TO_CONFIRM


@pytest.mark.parametrize("act", ACTS)
def test_orders_are_not_changed_by_a_link(cast: Cast, daughter: Client, act: str) -> None:
    assert daughter.get(reverse(act, args=[served(cast).pk])).status_code == 405


def test_cancelling_gives_the_money_back(cast: Cast, daughter: Client) -> None:
    order = placed(cast)
    shown = daughter.get(reverse("family:order", args=[order.pk])).content.decode()
    assert "居家服务额度 200 元退回去" in shown
    assert "自己付的 25 元还没有付，不用付了" in shown
    daughter.post(reverse("family:order_cancel", args=[order.pk]), {"reason": "要去医院"})
    assert credit_left(cast.mother, order.month) == 20_000
    assert (
        "留给这一单的钱退回了"
        in daughter.get(reverse("family:order", args=[order.pk])).content.decode()
    )


def test_what_has_begun_cannot_be_cancelled_and_the_reason_stays(
    cast: Cast, daughter: Client
) -> None:
    order = served(cast)
    reply = daughter.post(reverse("family:order_cancel", args=[order.pk]), {"reason": "要去医院"})
    assert reply.status_code == 409
    assert "现在不能这样改了" in reply.content.decode()


def test_confirming_with_stars_can_be_undone_for_ten_minutes(cast: Cast, daughter: Client) -> None:
    order = served(cast)
    url = reverse("family:order", args=[order.pk])
    daughter.post(
        reverse("family:order_confirm", args=[order.pk]), {"stars": "5", "comment": "很细心"}
    )
    text = daughter.get(url).content.decode()
    assert "您给了 5 颗星" in text
    assert "以前可以撤回" in text
    daughter.post(reverse("family:order_undo", args=[order.pk]))
    order.refresh_from_db()
    assert order.state == OrderState.TO_CONFIRM


def test_a_family_that_says_it_was_not_done_holds_the_money_until_somebody_looked(
    cast: Cast, daughter: Client, stranger: Client
) -> None:
    order = served(cast)
    url = reverse("family:order_deny", args=[order.pk])
    assert stranger.post(url, {"why": "没有人来过"}).status_code == 404
    bare = daughter.post(url, {"why": "嗯"})
    assert (bare.status_code, "哪里没做好" in bare.content.decode()) == (409, True)
    page = daughter.post(url, {"why": "没有人来过"}, follow=True).content.decode()
    assert "核对以前钱不付" in page
    assert "您说没做好，没有人来过" in page
    assert "家里怎么说 没做好" in page
    order.refresh_from_db()
    assert (order.state, order.held, order.confirm_due) == (OrderState.TO_CONFIRM, True, None)
    with clock.moved_to(clock.now() + timedelta(days=3)):
        confirm_due(0)
    with clock.moved_to(order.window_end + timedelta(hours=1)), acting(cast.officer):
        assert doubts_by_kind(cast.officer, "500151", days=60)[Doubt.DENIED] == 1
        look(cast.officer, order.pk, given=False, reason="打电话问过，确实没来")
    order.refresh_from_db()
    assert order.state == OrderState.CANCELLED
    again = f"{reverse('family:order_new')}?offer={order.lines.get().offer_id}"
    shown = daughter.get(reverse("family:order", args=[order.pk])).content.decode()
    assert f'href="{again}"' in shown
    assert "再约一次" in shown
    assert daughter.post(url, {"why": "没有人来过"}).status_code == 409


def test_after_ten_minutes_there_is_no_undo(cast: Cast, daughter: Client) -> None:
    order = served(cast)
    daughter.post(reverse("family:order_confirm", args=[order.pk]))
    with clock.moved_to(clock.now() + timedelta(minutes=11)):
        text = daughter.get(reverse("family:order", args=[order.pk])).content.decode()
        reply = daughter.post(reverse("family:order_undo", args=[order.pk]))
    assert "可以撤回" not in text.replace("10 分钟内可以撤回", "")
    assert "已经过了 10 分钟" in reply.content.decode()


@pytest.mark.parametrize("stars", ["9", "x", "-1"])
def test_impossible_stars_are_refused_and_the_comment_stays(
    cast: Cast, daughter: Client, stars: str
) -> None:
    order = served(cast)
    reply = daughter.post(
        reverse("family:order_confirm", args=[order.pk]), {"stars": stars, "comment": "很细心"}
    )
    assert reply.status_code == 409
    assert "请在一到五颗星里选" in reply.content.decode()
    assert "很细心" in reply.content.decode()


def test_a_long_list_has_pages(cast: Cast, daughter: Client) -> None:
    for _ in range(21):
        placed(cast)
    text = daughter.get(reverse("family:orders"), {"page": "2"}).content.decode()
    assert "第 2 页，共 2 页" in text


def test_the_list_asks_no_more_for_more_orders(cast: Cast, daughter: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            daughter.get(reverse("family:orders"))
        return len(queries)

    placed(cast)
    asked()  # what is remembered is remembered
    one = asked()
    for _ in range(5):
        placed(cast)
    assert asked() == one


def test_the_family_reads_the_doubt_before_the_button(cast: Cast, daughter: Client) -> None:
    order = doubted(cast)
    page = daughter.get(reverse("family:order", args=[order.pk])).content.decode()
    assert page.index("这次上门有疑点") < page.index("confirm-form")
    assert "0 分钟，时长不足（要求 48 分钟）" in page
    assert "先看看" in daughter.get(reverse("family:home")).content.decode()


def test_after_a_death_the_family_is_told_and_nothing_more_can_be_ordered(
    cast: Cast, daughter: Client
) -> None:
    order = placed(cast)
    home, new = reverse("family:home"), reverse("family:order_new")
    assert reverse("family:services") + '"' in tiles(daughter.get(home))
    died = NewFact("death", str(clock.today()))
    record_facts(SYSTEM, cast.mother, [died], source="gongan", reason="死亡登记")
    follow_turns(SYSTEM)
    shown = daughter.get(home).content.decode()
    assert "王桂英已登记为 今天去世" in shown
    assert "这是公安登记的" in shown
    assert 'href="tel:12349"' in shown
    assert "接下来没有人上门" in shown
    assert "可以现在订" not in shown
    assert reverse("family:services") + '"' not in tiles(daughter.get(home))
    opened = daughter.get(new, {"offer": cast.bath.pk})
    assert opened.status_code == 409
    assert Died().message in opened.content.decode()
    assert 'id="order-form"' not in opened.content.decode()
    story = daughter.get(reverse("family:order", args=[order.pk])).content.decode()
    assert "系统因老人离世取消了，留给这一单的钱退回了" in story


def tiles(reply: Any) -> str:
    """The tiles of the first page."""
    return str(reply.content.decode().partition('class="tiles"')[2].partition("</nav>")[0])
