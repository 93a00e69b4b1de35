"""The dispatcher's screen: the queue, an order, sending somebody, planning a day."""

import json
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.accounts.rules import Actor
from songbai.core.audit.models import Read
from songbai.domain.dispatch.actions import assign, state_wish
from songbai.domain.dispatch.models import Assignment
from songbai.domain.dispatch.rules import WishKind
from songbai.domain.elders.models import Elder
from songbai.domain.orders.actions import NewOrder, place
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OrderState
from songbai.web.templatetags.songbai import hm
from tests.cast import Cast, acting, tomorrow

pytestmark = pytest.mark.long

HTMX = {"HX-Request": "true"}


def log_in(client: Client, actor: Actor) -> Client:
    client.force_login(
        Account.objects.get(pk=actor.account_id or 0),
        backend="songbai.core.accounts.backends.PasswordBackend",
    )
    return client


def order_for(cast: Cast, elder: Elder | None = None, hour: int = 9) -> Order:
    with acting(cast.dispatcher):
        return place(
            cast.dispatcher,
            NewOrder(
                key=uuid.uuid4(),
                elder=elder or cast.mother,
                offer_ids=[cast.bath.pk],
                window_start=tomorrow(hour),
                window_end=tomorrow(hour + 2),
                again=True,
            ),
        )


@pytest.fixture
def order(cast: Cast) -> Order:
    return order_for(cast)


@pytest.fixture
def desk(client: Client, cast: Cast) -> Client:
    return log_in(client, cast.dispatcher)


def day() -> str:
    return (clock.today() + timedelta(days=1)).isoformat()


def first_and_second(order: Order) -> tuple[int, int]:
    """Both caregivers stand equally far away: the lower id comes first."""
    ids = sorted(order.provider.staff.values_list("pk", flat=True))
    return ids[0], ids[1]


def test_the_queue_shows_who_waits_and_who_could_go(desk: Client, order: Order) -> None:
    page = desk.get(reverse("desk:overview"), {"date": day()}).content.decode()
    assert "王*英，" in page
    assert "王桂英" not in page
    assert "公里，路上" in page
    assert "一键排 1 单" in page
    assert "待派单 <b>1</b>" in page


def test_an_empty_today_offers_tomorrow(desk: Client, order: Order) -> None:
    page = desk.get(reverse("desk:overview")).content.decode()
    assert "看明天，有 1 单待派" in page


@pytest.mark.parametrize("part", ["queue", "counts", "gantt", "towns", "points"])
def test_every_part_refreshes_alone(desk: Client, order: Order, part: str) -> None:
    answer = desk.get(reverse(f"desk:{part}"), {"date": day()}, headers=HTMX)
    assert answer.status_code == 200
    assert b"<html" not in answer.content


def test_the_map_draws_open_orders_and_free_caregivers(desk: Client, order: Order) -> None:
    found = json.loads(desk.get(reverse("desk:points"), {"date": day()}).content)
    assert len(found["open"]["features"]) == 1
    assert len(found["free"]["features"]) == 3
    assert (found["towns"], found["breaks"]) == ({"巴川街道": 0.3}, [])
    assert found["open"]["features"][0]["properties"] == {}


def test_an_open_order_explains_itself(desk: Client, order: Order) -> None:
    page = desk.get(reverse("desk:order", args=[order.pk]), headers=HTMX).content.decode()
    for words in ("王*英", "青霉素过敏", "巴川街道东方社区", "居家服务额度", "有助浴证", "等派人"):
        assert words in page
    assert "王桂英" not in page


def test_an_order_opened_without_htmx_is_the_whole_screen(desk: Client, order: Order) -> None:
    answer = desk.get(reverse("desk:order", args=[order.pk]), follow=True)
    assert answer.status_code == 200
    assert "电话下单" in answer.content.decode()
    assert f'data-order-open="{order.pk}"' in answer.content.decode()


def test_sending_the_first_suggestion_needs_no_reason(desk: Client, order: Order) -> None:
    first, _ = first_and_second(order)
    answer = desk.post(reverse("desk:assign", args=[order.pk]), {"staff": first}, headers=HTMX)
    assert "了，9:" in answer.content.decode()
    assert answer["HX-Trigger"] == "desk:changed"
    assert Assignment.objects.get(order=order).staff_id == first


def test_another_choice_without_a_reason_keeps_what_was_typed(desk: Client, order: Order) -> None:
    _, second = first_and_second(order)
    answer = desk.post(
        reverse("desk:assign", args=[order.pk]),
        {"staff": second, "reason": "熟", "start": "09:30"},
        headers=HTMX,
    )
    page = answer.content.decode()
    assert "请写明改派的原因，至少 4 个字。" in page
    assert ">熟</textarea>" in page
    assert 'value="09:30"' in page
    assert not Assignment.objects.filter(order=order).exists()
    assert "HX-Trigger" not in answer


def test_another_choice_with_a_reason_is_kept_with_it(desk: Client, order: Order) -> None:
    _, second = first_and_second(order)
    answer = desk.post(
        reverse("desk:assign", args=[order.pk]),
        {"staff": second, "reason": "老人点名要她去"},
        headers=HTMX,
    )
    assert "没选第一位，因为：老人点名要她去" in answer.content.decode()


def test_whom_the_elder_refuses_is_sent_only_by_naming_the_wish(
    desk: Client, cast: Cast, order: Order
) -> None:
    first, _ = first_and_second(order)
    with acting(cast.dispatcher):
        wish = state_wish(cast.dispatcher, order.elder, WishKind.REFUSES, first)
    url, reason = reverse("desk:assign", args=[order.pk]), "打电话问过，她说可以"
    asked = desk.post(url, {"other": first, "reason": reason, "date": day()}, headers=HTMX)
    text = asked.content.decode()
    assert f"老人说过“{wish.words}”" in text
    assert f'name="despite" value="{wish.pk}"' in text
    assert f'name="staff" value="{first}">还是派这位' in text
    assert not Assignment.objects.exists()
    named = {"staff": first, "reason": reason, "despite": wish.pk, "date": day()}
    assert "派给" in desk.post(url, named, headers=HTMX).content.decode()
    assert Assignment.objects.get().staff_id == first


def test_somebody_of_another_provider_cannot_be_sent(
    desk: Client, cast: Cast, order: Order
) -> None:
    answer = desk.post(
        reverse("desk:assign", args=[order.pk]),
        {"staff": cast.other_staff.pk, "reason": "离得比较近"},
        headers=HTMX,
    )
    assert "没有这位护理员，或不是这家服务商的人。" in answer.content.decode()


def test_somebody_without_the_skill_cannot_be_sent(desk: Client, cast: Cast, order: Order) -> None:
    cast.staff.skills = ["cooking"]
    cast.staff.save()
    answer = desk.post(
        reverse("desk:assign", args=[order.pk]),
        {"staff": cast.staff.pk, "reason": "离得比较近"},
        headers=HTMX,
    )
    assert "这位护理员没有这项服务要求的资格" in answer.content.decode()


def test_somebody_who_is_busy_cannot_be_sent(desk: Client, cast: Cast, order: Order) -> None:
    other = order_for(cast, cast.neighbour)
    first, _ = first_and_second(order)
    url = reverse("desk:assign", args=[other.pk])
    desk.post(url, {"staff": first, "start": "09:00", "reason": "家里要求九点"})
    answer = desk.post(
        reverse("desk:assign", args=[order.pk]),
        {"staff": first, "start": "09:00", "reason": "家里要求九点"},
        headers=HTMX,
    )
    assert "这位护理员在这个时间已有安排" in answer.content.decode()


def test_errors_without_htmx_come_on_the_whole_screen(desk: Client, order: Order) -> None:
    answer = desk.post(reverse("desk:assign", args=[order.pk]), {"date": day()})
    assert answer.status_code == 422
    assert "请选一位护理员。" in answer.content.decode()


def test_the_same_caregiver_again_needs_another_time(desk: Client, order: Order) -> None:
    first, _ = first_and_second(order)
    url = reverse("desk:assign", args=[order.pk])
    desk.post(url, {"staff": first})
    again = desk.post(url, {"staff": first}, headers=HTMX).content.decode()
    assert "要换时间，请填新的时间。" in again
    moved = desk.post(
        url, {"staff": first, "start": "10:00", "reason": "家里要求十点"}, headers=HTMX
    )
    assert "了，10:00 到。" in moved.content.decode()
    assert Assignment.objects.filter(order=order, state="active").count() == 1


def test_withdrawing_needs_a_reason_and_opens_the_order_again(desk: Client, order: Order) -> None:
    first, _ = first_and_second(order)
    desk.post(reverse("desk:assign", args=[order.pk]), {"staff": first})
    url = reverse("desk:withdraw", args=[order.pk])
    assert (
        "请写明原因，至少 4 个字。"
        in desk.post(url, {"reason": "病"}, headers=HTMX).content.decode()
    )
    assert "撤回了" in desk.post(url, {"reason": "她今天发烧了"}, headers=HTMX).content.decode()
    order.refresh_from_db()
    assert order.state == OrderState.ACCEPTED


def test_cancelling_for_an_elder_frees_the_caregiver(desk: Client, order: Order) -> None:
    first, _ = first_and_second(order)
    desk.post(reverse("desk:assign", args=[order.pk]), {"staff": first})
    answer = desk.post(
        reverse("desk:cancel", args=[order.pk]), {"reason": "老人住院了"}, headers=HTMX
    )
    assert "取消了，占用的额度已退回。" in answer.content.decode()
    assert "取消，老人住院了" in answer.content.decode()
    assert not Assignment.objects.filter(order=order, state="active").exists()


def test_planning_says_what_was_and_was_not_found(desk: Client, cast: Cast, order: Order) -> None:
    left = order_for(cast, cast.neighbour)
    cast.bath.item.skills = ["nursing"]
    Order.objects.filter(pk=left.pk).update(skills=["nursing"])
    answer = desk.post(reverse("desk:plan"), {"date": day()}, follow=True)
    page = answer.content.decode()
    assert "排了 1 单，1 单没排上" in page
    assert "当班的人里没有人有这项资格" in page
    assert f"order={left.pk}" in page
    assert 'data-focus="first"' in page
    assert "没排上" not in desk.get(reverse("desk:overview"), {"date": day()}).content.decode()


def test_routes_show_the_planned_visit_and_those_who_are_free(desk: Client, order: Order) -> None:
    desk.post(reverse("desk:plan"), {"date": day()})
    page = desk.get(reverse("desk:gantt"), {"date": day()}).content.decode()
    assert 'class="blk plan"' in page
    assert "王*英" in page
    assert page.count("没有安排") == 2


def test_a_visit_nobody_has_come_to_counts_as_late(desk: Client, order: Order) -> None:
    desk.post(reverse("desk:plan"), {"date": day()})
    start, asked = Assignment.objects.get(order=order).starts_at, {"date": day()}
    with clock.moved_to(start + timedelta(minutes=16)):
        counts = desk.get(reverse("desk:counts"), asked).content.decode()
        routes = desk.get(reverse("desk:gantt"), asked).content.decode()
    assert "可能迟到 <b>1</b>" in counts
    assert "1 单可能迟到" in routes


def test_looking_leaves_one_trace_an_hour(desk: Client, cast: Cast, order: Order) -> None:
    for _ in range(3):
        desk.get(reverse("desk:queue"), {"date": day()})
    assert Read.objects.filter(person_id=cast.mother.pk, where="/desk/").count() == 1
    desk.get(reverse("desk:order", args=[order.pk]), headers=HTMX)
    assert Read.objects.filter(person_id=cast.mother.pk).count() == 2


def test_a_day_that_is_no_day_is_today(desk: Client, order: Order) -> None:
    assert desk.get(reverse("desk:overview"), {"date": "2026-99-99"}).status_code == 200


@pytest.mark.parametrize("name", ["order", "assign", "withdraw", "cancel"])
def test_an_order_of_elsewhere_does_not_exist(
    client: Client, cast: Cast, order: Order, name: str
) -> None:
    log_in(client, cast.far_dispatcher)
    url = reverse(f"desk:{name}", args=[order.pk])
    data = {"staff": cast.staff.pk, "reason": "离得比较近"}
    answer = client.get(url, headers=HTMX) if name == "order" else client.post(url, data)
    assert answer.status_code == 404
    assert "王" not in answer.content.decode()


def test_a_dispatcher_of_elsewhere_sees_nobody(client: Client, cast: Cast, order: Order) -> None:
    log_in(client, cast.far_dispatcher)
    for part in ("overview", "queue", "gantt", "towns", "points"):
        page = client.get(reverse(f"desk:{part}"), {"date": day()}).content.decode()
        assert "王*英" not in page
        assert "106.055" not in page
    assert client.get(reverse("desk:overview"), {"order": order.pk}).status_code == 404


@pytest.mark.parametrize(
    "name", ["overview", "queue", "counts", "gantt", "towns", "points", "order_new"]
)
def test_strangers_are_asked_to_log_in(client: Client, cast: Cast, name: str) -> None:
    answer = client.get(reverse(f"desk:{name}"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("accounts:login"))


@pytest.mark.parametrize("who", ["daughter", "caregiver", "provider_staff", "officer"])
def test_other_roles_stay_outside(client: Client, cast: Cast, who: str) -> None:
    log_in(client, cast.actors()[who])
    assert client.get(reverse("desk:overview")).status_code == 403


def test_the_screen_asks_as_many_questions_for_many_as_for_one(desk: Client, cast: Cast) -> None:
    url = reverse("desk:overview")
    order_for(cast)
    with CaptureQueriesContext(connection) as one:
        desk.get(url, {"date": day()})
    for hour in (8, 10, 12, 13, 14):
        order_for(cast, cast.neighbour, hour)
        order_for(cast, hour=hour)
    desk.get(url, {"date": day()})
    with CaptureQueriesContext(connection) as many:
        desk.get(url, {"date": day()})
    assert len(many) <= len(one)


def test_telephone_and_time_of_whoever_goes_are_not_glued_together(
    desk: Client, order: Order, cast: Cast
) -> None:
    with acting(cast.dispatcher):
        sent = assign(cast.dispatcher, order.pk, cast.staff.pk, reason="熟悉这位老人")
    assert cast.staff.phone
    shown = desk.get(reverse("desk:order", args=[order.pk]), headers=HTMX)
    page = strip_tags(shown.content.decode())
    assert f"{cast.staff.phone} {hm(sent.starts_at)} 到" in page
