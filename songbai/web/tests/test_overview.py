"""The numbers of the overview are those of the rows."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from songbai.core import clock, working_days
from songbai.domain.orders.actions import NewOrder, place
from songbai.domain.orders.models import Order
from songbai.web.frames.bureau.cockpit import things_in
from songbai.web.plugs import Task, links
from tests.cast import Cast, acting
from tests.doors import LogIn

pytestmark = pytest.mark.long


def card(client: Client, name: str, **query: str) -> dict[str, object]:
    """One card by a word of its name."""
    reply = client.get(reverse("bureau:overview"), query)
    found = next(kpi for kpi in reply.context["cards"] if name in kpi.name)
    return dict(vars(found))


def test_elders_are_those_of_the_last_count(cast: Cast, order: Order, log_in: LogIn) -> None:
    shown = card(log_in(cast.officer), "60 岁以上")
    assert (shown["value"], shown["left"]) == ("2", "80 岁以上 100.0%")


def test_before_the_first_count_no_number_is_claimed(cast: Cast, log_in: LogIn) -> None:
    shown = card(log_in(cast.officer), "60 岁以上")
    assert shown["value"] == "还没统计"


def test_visits_stars_and_credit_of_the_month_are_counted(
    cast: Cast, done: Order, log_in: LogIn
) -> None:
    client = log_in(cast.officer)
    with clock.moved_to(clock.at(done.window_start.date(), 20)):
        visits = card(client, "上门服务", month=done.month)
        stars = card(client, "打分", month=done.month)
        credit = card(client, "发放额度", month=done.month)
    assert (visits["value"], visits["left"]) == ("1", "按时率 0.0%")
    assert (stars["value"], stars["left"]) == ("4.00", "1 单有打分，满分 5 分")
    assert (credit["value"], credit["left"]) == ("200", "1 人在享受")


def test_every_number_opens_as_many_rows(cast: Cast, done: Order, log_in: LogIn) -> None:
    client = log_in(cast.officer)
    with clock.moved_to(clock.at(done.window_start.date(), 20)):
        for name in ("上门服务", "没服务完", "打分"):
            shown = card(client, name, month=done.month)
            reply = client.get(str(shown["url"]))
            counted = "1" if name == "打分" else str(shown["value"])
            assert str(reply.context["shown"].paginator.count) == counted, name


def test_towns_are_compared_and_each_opens_its_page(
    cast: Cast, order: Order, log_in: LogIn
) -> None:
    client = log_in(cast.officer)
    with clock.moved_to(order.window_start):
        for key in ("orders", "on_time", "credit_use", "own", "old"):
            reply = client.get(reverse("bureau:overview"), {"indicator": key, "month": order.month})
            rows = {row.name: row for row in reply.context["comparison"].rows}
            assert set(rows) == {"巴川街道", "安居镇"}
            assert client.get(rows["巴川街道"].url).status_code == 200
            if key == "orders":
                assert rows["巴川街道"].value == 500.0
            if key == "own":
                assert rows["巴川街道"].value == 25.0
            if key == "credit_use":
                assert rows["巴川街道"].value == 100.0


def test_a_town_officer_sees_villages(cast: Cast, order: Order, log_in: LogIn) -> None:
    reply = log_in(cast.town_officer).get(reverse("bureau:overview"))
    assert [row.name for row in reply.context["comparison"].rows] == ["白云村村民委员会"]
    assert not reply.context["drawing"]["map"]


def test_the_work_list_names_what_waits_and_opens_its_rows(
    cast: Cast, order: Order, log_in: LogIn
) -> None:
    client = log_in(cast.officer)
    tasks = client.get(reverse("bureau:overview")).context["tasks"]
    assert [task.title for task in tasks] == ["明天 1 单还没派人"]
    assert str(order.number) in client.get(tasks[0].url).content.decode()
    with clock.moved_to(order.window_end + timedelta(minutes=1)):
        tasks = client.get(reverse("bureau:overview")).context["tasks"]
        assert [task.title for task in tasks] == ["1 单到点还没人到"]
        assert str(order.number) in client.get(tasks[0].url).content.decode()


def test_doubts_and_long_waits_are_work(cast: Cast, done: Order, log_in: LogIn) -> None:
    from songbai.domain.orders.actions import undo_confirmation

    client = log_in(cast.officer)
    assert done.confirmed_at
    with clock.moved_to(done.confirmed_at), acting(cast.daughter):
        undo_confirmation(cast.daughter, done.pk)
    with clock.moved_to(done.confirmed_at + timedelta(hours=13)):
        tasks = client.get(reverse("bureau:overview")).context["tasks"]
        assert {task.title for task in tasks} == {
            "1 次上门比约定晚到",
            "1 单等家属确认超过 12 小时",
        }
        for task in tasks:
            assert str(done.number) in client.get(task.url).content.decode()


def test_a_town_adds_up_its_villages(cast: Cast, order: Order, log_in: LogIn) -> None:
    with clock.moved_to(order.window_start):
        reply = log_in(cast.officer).get(
            reverse("bureau:town", args=["500151001"]), {"month": order.month}
        )
    [row] = reply.context["rows"]
    assert (row["elders"], row["orders"], row["credit"], row["own"]) == (2, 1, 20_000, 2_500)
    assert reply.context["total"]["own"] == 2_500


def test_a_wrong_month_or_indicator_shows_this_month(
    cast: Cast, order: Order, log_in: LogIn
) -> None:
    reply = log_in(cast.officer).get(
        reverse("bureau:overview"), {"month": "2026-99", "indicator": "x"}
    )
    assert reply.context["month"] == clock.month_of(clock.today())
    assert reply.context["comparison"].indicator.key == "orders"


def test_cancelled_orders_do_not_count(cast: Cast, order: Order, log_in: LogIn) -> None:
    from songbai.domain.orders.actions import cancel

    with acting(cast.daughter):
        cancel(cast.daughter, order.pk, "不需要了")
        place(
            cast.daughter,
            NewOrder(
                key=uuid.uuid4(),
                elder=cast.mother,
                offer_ids=[cast.cleaning.pk],
                window_start=order.window_start,
                window_end=order.window_end,
            ),
        )
    with clock.moved_to(order.window_start):
        reply = log_in(cast.officer).get(reverse("bureau:orders"), {"month": order.month})
    assert reply.context["shown"].paginator.count == 1


def test_the_bureau_is_told_in_time_that_a_years_working_days_are_missing(
    cast: Cast, log_in: LogIn
) -> None:
    last = working_days.calendar().last
    for away, told, begun in ((-40, False, False), (-20, True, False), (9, True, True)):
        with clock.moved_to(clock.at(last + timedelta(days=away), 9)):
            text = log_in(cast.officer).get(reverse("bureau:overview")).content.decode()
        assert (f"把 {last.year + 1} 年的放假和调休录进" in text) is told
        assert ("working_days.yaml" in text) is told
        assert (f"现在已经是 {last.year + 1} 年" in text) is begun


def test_every_list_that_waits_for_an_officer_has_its_number_in_the_menu() -> None:
    waiting = {
        "bureau:matching", "bureau:conflicts", "bureau:followed", "bureau:numbers",
        "bureau:assessments", "bureau:proposals", "bureau:objections", "bureau:failed_payments",
    }  # fmt: skip
    assert waiting <= {link.name for link in links["bureau"] if link.count}


def test_what_goes_on_by_itself_is_told_and_not_counted() -> None:
    work = [Task(("order", "accepted"), "", 3, "", ""), Task(("order", "accepted"), "", 9, "", "")]
    assert things_in([work[0], replace(work[1], told=True)]) == 3
