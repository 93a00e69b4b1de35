"""The pane of plans, moving on the Gantt, who is absent, wishes, slots."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from songbai.domain.dispatch.actions import assign
from songbai.domain.dispatch.models import Assignment, DayPlan, PlanLine, Wish
from songbai.domain.dispatch.rules import AssignmentState, PlanState, WishKind
from songbai.domain.elders.queries import age
from songbai.domain.orders.models import Order
from songbai.domain.providers.models import Shift
from songbai.web.rooms.dispatch.tests.test_desk import HTMX, day, log_in, order_for
from tests.cast import Cast, acting

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("kernels")]


@pytest.fixture
def order(cast: Cast) -> Order:
    return order_for(cast)


@pytest.fixture
def desk(client: Client, cast: Cast) -> Client:
    return log_in(client, cast.dispatcher)


@pytest.fixture
def draft(desk: Client, order: Order) -> DayPlan:
    desk.post(reverse("desk:draft"), {"date": day()})
    return DayPlan.objects.get()


def asking(**more: str | int) -> dict[str, str | int]:
    """What a form of the day sends."""
    return {"date": day(), **more}


def pane(desk: Client, plan: DayPlan | None = None) -> str:
    asked = asking(plan=plan.pk if plan else "")
    return desk.get(reverse("desk:plans"), asked, headers=HTMX).content.decode()


def other_than(cast: Cast, line: PlanLine) -> int:
    return cast.second_staff.pk if line.staff_id == cast.staff.pk else cast.staff.pk


def test_the_pane_counts_the_day_without_a_draft(desk: Client, order: Order) -> None:
    page = pane(desk)
    assert "排班计划" in page
    assert '没人去的</th><td class="n">1 单' in page
    assert "还没有通知任何人" not in page


def test_a_draft_shows_what_it_changes_and_why_and_tells_nobody(
    desk: Client, cast: Cast, draft: DayPlan
) -> None:
    page = pane(desk, draft)
    assert "新派 1 单" in page
    assert "换成张芬一样" in page or "换成李芳一样" in page
    assert f"王*英，{age(cast.mother)} 岁" in page
    assert "王桂英" not in page
    assert not Assignment.objects.exists()


def test_publishing_says_how_many_were_told(desk: Client, draft: DayPlan) -> None:
    page = desk.post(reverse("desk:publish", args=[draft.pk]), follow=True).content.decode()
    assert "公布了，1 单有变化" in page
    assert Assignment.objects.count() == 1


def test_a_draft_that_is_out_of_date_is_not_published(
    desk: Client, cast: Cast, draft: DayPlan
) -> None:
    Shift.objects.filter(staff=cast.second_staff).update(sick_at=draft.made_at)
    page = desk.post(reverse("desk:publish", args=[draft.pk]), follow=True).content.decode()
    assert "请按新情况重排一次" in page
    assert not Assignment.objects.exists()
    again = desk.post(reverse("desk:again", args=[draft.pk]), follow=True)
    assert f"plan={DayPlan.objects.latest('pk').pk}" in again.redirect_chain[-1][0]


def test_a_draft_nobody_wants_is_dropped(desk: Client, draft: DayPlan) -> None:
    desk.post(reverse("desk:drop", args=[draft.pk]))
    draft.refresh_from_db()
    assert draft.state == PlanState.DROPPED
    assert "草稿：" not in pane(desk, draft)


def test_the_price_is_said_before_the_move_and_the_move_goes_into_the_draft(
    desk: Client, cast: Cast, draft: DayPlan
) -> None:
    line = PlanLine.objects.get()
    asked = asking(plan=draft.pk, order=line.order_id, staff=other_than(cast, line), start="10:00")
    price = desk.get(reverse("desk:price"), asked).content.decode()
    assert price.strip().startswith("10:00 到")
    desk.post(reverse("desk:move"), asked)
    moved = PlanLine.objects.get()
    assert (moved.staff_id, moved.pinned, moved.fixed) == (asked["staff"], True, True)
    assert "人和时间都定了" in pane(desk, draft)
    assert not Assignment.objects.exists()


def test_a_move_without_a_draft_begins_one(desk: Client, cast: Cast, order: Order) -> None:
    desk.post(reverse("desk:plan"), {"date": day()})
    sent = Assignment.objects.get()
    other = cast.second_staff.pk if sent.staff_id == cast.staff.pk else cast.staff.pk
    answer = desk.post(
        reverse("desk:move"), {"date": day(), "order": order.pk, "staff": other, "plan": "0"}
    )
    plan = DayPlan.objects.get(state=PlanState.DRAFT)
    assert answer["Location"].endswith(f"plan={plan.pk}")
    assert PlanLine.objects.get(plan=plan).staff_id == other
    assert Assignment.objects.get(state=AssignmentState.ACTIVE) == sent


def test_a_move_that_cannot_be_leaves_no_draft_behind(
    desk: Client, cast: Cast, order: Order
) -> None:
    desk.post(reverse("desk:plan"), {"date": day()})
    asked = asking(order=order.pk, staff=cast.staff.pk, start="19:40")
    page = desk.post(reverse("desk:move"), asked, follow=True).content.decode()
    assert "这样排不下" in page
    assert not DayPlan.objects.filter(state=PlanState.DRAFT).exists()
    assert "排不下" in desk.get(reverse("desk:price"), asked).content.decode()


def test_the_gantt_draws_a_draft_in_place_of_what_stands(desk: Client, draft: DayPlan) -> None:
    url = reverse("desk:gantt")
    drawn = desk.get(url, asking(plan=draft.pk)).content.decode()
    assert "草稿里的路线" in drawn
    assert 'class="blk sug"' in drawn
    assert 'data-move="' in drawn
    assert "blk sug" not in desk.get(url, {"date": day()}).content.decode()


def test_the_order_says_what_the_draft_does_with_it(desk: Client, draft: DayPlan) -> None:
    line = PlanLine.objects.get()
    url = reverse("desk:order", args=[line.order_id])
    page = desk.get(url, {"plan": draft.pk}, headers=HTMX).content.decode()
    assert "草稿里派" in page
    assert "挪到别人那里" in page


def test_pinning_and_letting_go(desk: Client, draft: DayPlan) -> None:
    url, line = reverse("desk:pin", args=[draft.pk]), PlanLine.objects.get()
    given = {"date": day(), "plan": draft.pk, "order": line.order_id}
    assert "人定了" in desk.post(url, {**given, "how": "who"}, headers=HTMX).content.decode()
    assert "定住这人" in desk.post(url, {**given, "how": ""}, headers=HTMX).content.decode()


def test_two_drafts_side_by_side(desk: Client, cast: Cast, draft: DayPlan) -> None:
    desk.post(reverse("desk:draft"), {"date": day()})
    other = DayPlan.objects.latest("pk")
    line = PlanLine.objects.get(plan=other)
    desk.post(
        reverse("desk:move"),
        {"date": day(), "plan": other.pk, "order": line.order_id, "staff": other_than(cast, line)},
    )
    url = reverse("desk:compare", args=[draft.pk])
    page = desk.get(url, {"with": other.pk}).content.decode()
    assert "有 1 单不一样" in page
    assert "王桂英" not in page


def test_one_caregiver_more_or_less(desk: Client, cast: Cast, order: Order) -> None:
    url = reverse("desk:trial")
    page = desk.get(url, asking(staff=cast.staff.pk, more="0")).content.decode()
    assert "少了李芳" in page
    unknown = desk.get(url, asking(staff=0)).content.decode()
    assert "这一天不上班" in unknown


def test_noting_who_does_not_come(desk: Client, cast: Cast, order: Order) -> None:
    desk.post(reverse("desk:plan"), {"date": day()})
    sent = Assignment.objects.get()
    page = desk.post(
        reverse("desk:absent"), {"date": day(), "staff": sent.staff_id, "why": "发烧"}, follow=True
    ).content.decode()
    assert "1 单要换人" in page
    assert Shift.objects.filter(staff=sent.staff_id).exclude(sick_at=None).count() == 1
    empty = desk.post(reverse("desk:absent"), {"date": day()}, follow=True).content.decode()
    assert "请选一位护理员，并写明原因" in empty


def test_a_wish_is_noted_and_taken_back(desk: Client, cast: Cast, order: Order) -> None:
    url = reverse("desk:wish", args=[order.pk])
    said = desk.post(url, {"kind": "refuses", "staff": cast.staff.pk}, headers=HTMX)
    assert "不要李芳" in said.content.decode()
    unclear = desk.post(url, {"kind": "refuses"}, headers=HTMX).content.decode()
    assert "请选一位护理员" in unclear
    wish = Wish.objects.get()
    assert (wish.kind, wish.elder) == (WishKind.REFUSES, order.elder)
    desk.post(url, {"end": wish.pk}, headers=HTMX)
    wish.refresh_from_db()
    assert wish.ended_at is not None


def test_a_wish_can_be_about_somebody_who_is_off_that_day(
    desk: Client, cast: Cast, order: Order
) -> None:
    Shift.objects.filter(staff=cast.second_staff).delete()
    shown = desk.get(reverse("desk:order", args=[order.pk]), headers=HTMX).content.decode()
    asked, _, _ = shown.partition('id="f-wish-staff"')[2].partition("</select>")
    assert cast.second_staff.name in asked


def test_slots_are_cheaper_beside_a_neighbours_visit(desk: Client, cast: Cast) -> None:
    url = reverse("desk:slots")
    asked = asking(elder=cast.mother.pk, offer=cast.bath.pk, day=day())

    def prices() -> list[int]:
        page = desk.get(url, asked).content.decode()
        assert page.count("data-begin=") == 6
        return [int(price) for price in re.findall(r"(\d+) 分</small>", page)]

    alone = prices()
    order_for(cast, cast.neighbour, hour=9)  # next door
    desk.post(reverse("desk:plan"), {"date": day()})
    assert min(prices()) < min(alone)
    missing = desk.get(url, asking(elder=cast.mother.pk, offer=0, day=day())).content.decode()
    assert "没有找到这项服务" in missing


@pytest.mark.parametrize("name", ["publish", "drop", "again", "pin", "compare"])
def test_a_plan_of_elsewhere_does_not_exist(
    client: Client, cast: Cast, draft: DayPlan, name: str
) -> None:
    log_in(client, cast.far_dispatcher)
    url = reverse(f"desk:{name}", args=[draft.pk])
    answer = client.get(url) if name == "compare" else client.post(url)
    assert answer.status_code == 404


def test_the_pane_asks_as_many_questions_for_many_as_for_one(desk: Client, cast: Cast) -> None:
    order_for(cast)
    pane(desk)
    with CaptureQueriesContext(connection) as one:
        pane(desk)
    for hour in (8, 10, 12, 13, 14):
        order_for(cast, hour=hour)
    with CaptureQueriesContext(connection) as many:
        pane(desk)
    assert len(many) <= len(one)


def crossing(cast: Cast, order: Order) -> Order:
    """Another order for the time at which somebody goes for this one."""
    at, who = order.window_start, cast.second_staff.pk
    with acting(cast.dispatcher):
        assign(cast.dispatcher, order.pk, who, starts_at=at, reason="家属指定")
    second = order_for(cast)
    Order.objects.filter(pk=second.pk).update(window_end=at + timedelta(minutes=30))
    return second


def test_the_pane_asks_about_a_second_at_one_door_and_takes_the_answer(
    desk: Client, cast: Cast, order: Order
) -> None:
    second = crossing(cast, order)
    desk.post(reverse("desk:draft"), {"date": day()})
    plan = DayPlan.objects.get()
    assert f'name="knowing" value="{second.pk}"' in pane(desk, plan)
    url = reverse("desk:publish", args=[plan.pk])
    assert "在老人家里" in desk.post(url, follow=True).content.decode()
    answer = {"knowing": second.pk, "reason": "问过女儿，要两个人"}
    assert "公布了，1 单有变化" in desk.post(url, answer, follow=True).content.decode()


def test_an_order_asks_before_anybody_is_chosen_and_takes_the_answer(
    desk: Client, cast: Cast, order: Order
) -> None:
    second = crossing(cast, order)
    page = desk.get(reverse("desk:order", args=[second.pk]), headers=HTMX).content.decode()
    assert "问过了，还是要去" in page
    url, chosen = reverse("desk:assign", args=[second.pk]), {"staff": cast.staff.pk}
    assert "还是派这位" in desk.post(url, chosen, headers=HTMX).content.decode()
    answer = {**chosen, "knowing": "1", "reason": "问过女儿，要两个人"}
    assert "派给李芳了" in desk.post(url, answer, headers=HTMX).content.decode()
