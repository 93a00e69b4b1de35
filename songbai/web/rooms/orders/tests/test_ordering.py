"""From a wish to an order."""

import uuid
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from songbai.core import clock
from songbai.domain.catalogue.models import Offer
from songbai.domain.dispatch.actions import assign
from songbai.domain.dispatch.planner import engine
from songbai.domain.elders.models import Proxy
from songbai.domain.orders.actions import NewOrder, cancel, place
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import FARTHEST
from songbai.domain.providers.models import Shift, StaffMember
from songbai.web.rooms.orders.tests.household import placed
from tests import acts
from tests.cast import HOME, Cast, bind

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("kernels")]

NEW = "family:order_new"


def typed(cast: Cast, **changes: object) -> dict[str, object]:
    """The form as the daughter fills it."""
    return {
        "offer": cast.bath.pk,
        "elder": cast.mother.pk,
        "idempotency_key": str(uuid.uuid4()),
        "expected_own": 2_500,
        "date": str(clock.today() + timedelta(days=1)),
        "slot": "9-11",
        "note": "听力不好，敲门重一点",
        **changes,
    }


def test_services_are_those_of_the_village(cast: Cast, daughter: Client, stranger: Client) -> None:
    text = daughter.get(reverse("family:services")).content.decode()
    assert cast.bath.item.plain in text
    assert cast.bath.item.plain not in stranger.get(reverse("family:services")).content.decode()


def test_services_are_found_by_word_and_kind(cast: Cast, daughter: Client) -> None:
    found = daughter.get(reverse("family:services"), {"q": "洗头", "kind": "生活照护"})
    assert cast.cleaning.item.plain in found.content.decode()
    assert cast.bath.item.plain not in found.content.decode()
    nothing = daughter.get(reverse("family:services"), {"q": "开飞机"}).content.decode()
    assert "没有找到这样的服务" in nothing


def test_offers_show_price_minutes_and_distance(cast: Cast, daughter: Client) -> None:
    url = reverse("family:offers", args=[cast.bath.item_id])
    text = daughter.get(url, {"sort": "near"}).content.decode()
    assert cast.provider.name in text
    assert "225 元" in text
    assert "离家 0 米" in text
    assert "指导价和时间未核实" in text


def test_an_unknown_item_is_not_found(cast: Cast, daughter: Client) -> None:
    assert daughter.get(reverse("family:offers", args=["Z99-99"])).status_code == 404


def test_the_form_shows_who_pays_what(cast: Cast, daughter: Client) -> None:
    text = daughter.get(reverse(NEW), {"offer": cast.bath.pk}).content.decode()
    assert 'name="expected_own" value="2500"' in text
    assert "200 元" in text


def test_without_an_offer_or_out_of_area_one_chooses_a_service_first(
    cast: Cast, daughter: Client, stranger: Client
) -> None:
    assert daughter.get(reverse(NEW)).headers["Location"] == reverse("family:services")
    reply = stranger.get(reverse(NEW), {"offer": cast.bath.pk})
    assert reply.headers["Location"] == reverse("family:services")
    assert daughter.get(reverse(NEW), {"offer": 999_999}).status_code == 404


def test_the_quote_follows_the_month_of_the_day(cast: Cast, daughter: Client) -> None:
    day = str(clock.today() + timedelta(days=45))
    reply = daughter.get(reverse("family:quote"), {"offer": str(cast.bath.pk), "date": day})
    text = reply.content.decode()
    assert 'value="22500"' in text
    assert "额度还没有发" in text
    assert 'id="times" aria-live="polite" hx-swap-oob="true"' in text


def test_an_order_is_placed_once(cast: Cast, daughter: Client) -> None:
    form = typed(cast)
    first = daughter.post(reverse(NEW), form)
    second = daughter.post(reverse(NEW), form)
    order = Order.objects.get()
    assert first.headers["Location"] == reverse("family:order", args=[order.pk])
    assert second.headers["Location"] == first.headers["Location"]
    assert (order.total, order.note) == (22_500, "听力不好，敲门重一点")


def test_own_times_are_taken(cast: Cast, daughter: Client) -> None:
    daughter.post(reverse(NEW), typed(cast, slot="own", start="10:15", end="11:15"))
    start = Order.objects.get().window_start.astimezone(clock.SHANGHAI)
    assert (start.hour, start.minute) == (10, 15)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"date": "2020-01-01"}, "这个时间已经过了"),
        ({"date": ""}, "请选日期"),
        ({"slot": ""}, "请选一个时间"),
        ({"slot": "own"}, "请填时间"),
        ({"slot": "own", "start": "21:00", "end": "22:00"}, "7 点到 20 点之间"),
        ({"note": "长" * 301}, "最多写 300 个字"),
        ({"expected_own": 0}, "价格或剩余额度刚刚变了"),
    ],
)
def test_what_is_wrong_is_said_and_everything_typed_is_kept(
    cast: Cast, daughter: Client, changes: dict[str, object], words: str
) -> None:
    form = typed(cast, **changes)
    reply = daughter.post(reverse(NEW), form)
    text = reply.content.decode()
    assert reply.status_code == 409
    assert words in text
    assert str(form["note"])[:300] in text
    assert str(form["idempotency_key"]) in text
    assert not Order.objects.exists()


def test_a_changed_price_shows_the_new_split(cast: Cast, daughter: Client) -> None:
    placed(cast)
    text = daughter.post(reverse(NEW), typed(cast)).content.decode()
    assert 'name="expected_own" value="22500"' in text


@pytest.mark.parametrize("changes", [{"slot": "14-16"}, {"note": "请早一点"}])
def test_a_form_sent_again_with_something_else_says_what_was_ordered(
    cast: Cast, daughter: Client, changes: dict[str, object]
) -> None:
    form = typed(cast)
    daughter.post(reverse(NEW), form)
    assert daughter.post(reverse(NEW), form).status_code == 302
    first = Order.objects.get()
    changed = {**form, **changes, "expected_own": 22_500}
    reply = daughter.post(reverse(NEW), changed)
    text = reply.content.decode()
    assert (reply.status_code, Order.objects.count()) == (409, 1)
    assert "这张单已经下过了，改过的还没有订" in text
    assert str(first.number) in text
    assert str(form["idempotency_key"]) not in text
    key = reply.context["form"]["idempotency_key"].value()
    again = {**changed, "idempotency_key": key, "again": "1"}
    assert daughter.post(reverse(NEW), again).status_code == 302
    assert daughter.post(reverse(NEW), again).status_code == 302
    assert Order.objects.count() == 2


def test_the_same_for_the_same_day_is_asked_for(cast: Cast, daughter: Client) -> None:
    order = placed(cast)
    reply = daughter.post(reverse(NEW), typed(cast, expected_own=22_500))
    text = reply.content.decode()
    assert (reply.status_code, Order.objects.count()) == (409, 1)
    assert "已经订了一次，还要再订吗？" in text
    assert str(order.number) in text
    again = typed(cast, expected_own=22_500, again="1")
    assert daughter.post(reverse(NEW), again).status_code == 302
    assert Order.objects.count() == 2


def test_another_visit_for_that_time_is_asked_about(cast: Cast, daughter: Client) -> None:
    order = acts.placed(cast, offer_ids=[cast.cleaning.pk])
    reply = daughter.post(reverse(NEW), typed(cast, expected_own=""))
    text = reply.content.decode()
    assert (reply.status_code, Order.objects.count()) == (409, 1)
    assert "那个时间已经有人上门，还要再订吗？" in text
    assert f"{cast.provider.name}，编号 {order.number}" in text


def test_another_day_or_a_cancelled_one_is_not_asked_about(cast: Cast, daughter: Client) -> None:
    order = placed(cast)
    later = typed(cast, date=str(clock.today() + timedelta(days=2)), expected_own="")
    assert daughter.post(reverse(NEW), later).status_code == 302
    cancel(cast.daughter, order.pk)
    assert daughter.post(reverse(NEW), typed(cast, expected_own="")).status_code == 302


def test_times_of_today_that_are_over_cannot_be_chosen_or_sent(
    cast: Cast, daughter: Client
) -> None:
    today = clock.today()
    with clock.moved_to(clock.at(today, 12, 30)):
        shown = daughter.get(reverse(NEW), {"offer": str(cast.bath.pk), "date": str(today)})
        text = shown.content.decode()
        refused = daughter.post(reverse(NEW), typed(cast, date=str(today), slot="11-13"))
        own = {"slot": "own", "start": "12:00", "end": "14:00"}
        early = daughter.post(reverse(NEW), typed(cast, date=str(today), **own))
    for slot, state in (("9-11", " disabled"), ("11-13", " disabled"), ("14-16", " checked")):
        assert f'value="{slot}"{state}>' in text
    for reply in (refused, early):
        assert reply.status_code == 409
        assert "这个时间已经过了" in reply.content.decode()
    assert not Order.objects.exists()


def test_in_the_evening_the_first_day_is_tomorrow(cast: Cast, daughter: Client) -> None:
    today = clock.today()
    with clock.moved_to(clock.at(today, 19, 45)):
        text = daughter.get(reverse(NEW), {"offer": cast.bath.pk}).content.decode()
        over = times(daughter, cast, today)
    assert f'min="{today + timedelta(days=1)}"' in text
    assert "这一天选得到的时间都过了" in over
    assert over.count("过了</span>") == 4


def test_a_day_too_far_ahead_is_not_over(cast: Cast, daughter: Client) -> None:
    far = clock.today() + FARTHEST + timedelta(days=30)
    late = times(daughter, cast, far)
    form = daughter.get(
        reverse(NEW), {"offer": str(cast.bath.pk), "date": str(far)}
    ).content.decode()
    for text in (late, form):
        assert text.count("还不能订</span>") == 4
        assert "过了</span>" not in text
    assert "这一天还太远" in late


def test_an_ended_offer_says_so_in_the_form(cast: Cast, daughter: Client) -> None:
    Offer.objects.filter(pk=cast.bath.pk).update(active=False)
    text = daughter.post(reverse(NEW), typed(cast)).content.decode()
    assert "请换一家" in text
    assert "敲门重一点" in text


def test_who_may_only_look_cannot_order(cast: Cast, daughter: Client) -> None:
    Proxy.objects.update(may_order=False)
    text = daughter.post(reverse(NEW), typed(cast)).content.decode()
    assert "没有替这位老人下单的授权" in text
    assert not Order.objects.exists()


def test_nobody_orders_for_a_strangers_elder(cast: Cast, daughter: Client) -> None:
    reply = daughter.post(reverse(NEW), typed(cast, elder=cast.far_elder.pk))
    assert reply.status_code == 404
    assert not Order.objects.exists()


def test_the_order_is_for_the_elder_of_the_form_not_of_another_tab(
    cast: Cast, daughter: Client
) -> None:
    bind(cast.neighbour, cast.daughter)
    daughter.get(reverse("family:home"), {"elder": cast.neighbour.pk})
    daughter.post(reverse(NEW), typed(cast))
    assert Order.objects.get().elder_id == cast.mother.pk


@pytest.fixture
def next_door(cast: Cast) -> date:
    """A day on which somebody, whose base is far away, is next door from two to three."""
    day = clock.today() + timedelta(days=1)
    StaffMember.objects.update(longitude=HOME.longitude + 0.08)
    window = (clock.at(day, 14), clock.at(day, 15))
    order = place(cast.dispatcher, NewOrder(uuid.uuid4(), cast.neighbour, [cast.bath.pk], *window))
    assign(cast.dispatcher, order.pk, cast.staff.pk, starts_at=window[0], reason="熟悉老人")
    return day


def times(daughter: Client, cast: Cast, day: date) -> str:
    asked = {"offer": str(cast.bath.pk), "date": str(day)}
    return daughter.get(reverse("family:times"), asked).content.decode()


def test_times_that_suit_are_marked_and_others_stay(
    cast: Cast, daughter: Client, next_door: date
) -> None:
    text = times(daughter, cast, next_door)
    assert "这些时间好安排，护理员正好顺路：14–16 点。别的时间也能订。" in text
    assert text.count(">好安排<") == 1
    assert 'id="easy-3" class="easy" hx-swap-oob="true">好安排</small>' in text
    assert cast.neighbour.name not in text
    assert daughter.post(reverse(NEW), typed(cast, slot="9-11")).status_code == 302


def test_a_day_that_suits_or_does_not_as_a_whole_has_no_marks(cast: Cast, daughter: Client) -> None:
    tomorrow = clock.today() + timedelta(days=1)
    text = times(daughter, cast, tomorrow)
    assert "这一天什么时候都好安排" in text
    assert ">好安排<" not in text
    Shift.objects.all().delete()
    text = times(daughter, cast, tomorrow)
    assert "这一天人手紧。照样能订" in text
    assert ">好安排<" not in text
    assert daughter.post(reverse(NEW), typed(cast)).status_code == 302


def test_the_page_asks_for_the_times_when_it_is_there(cast: Cast, daughter: Client) -> None:
    text = daughter.get(reverse(NEW), {"offer": cast.bath.pk}).content.decode()
    assert f'hx-get="{reverse("family:times")}"' in text
    assert "好安排</small>" not in text


def test_without_a_script_the_times_come_with_the_day(
    cast: Cast, daughter: Client, next_door: date
) -> None:
    asked = {"offer": str(cast.bath.pk), "date": str(next_door)}
    text = daughter.get(reverse(NEW), asked).content.decode()
    assert '14–16 点<small id="easy-3" class="easy">好安排</small>' in text
    assert text.count(">好安排<") == 1
    assert f'name="date" value="{next_door}"' in text


def test_until_the_planner_is_ready_the_page_asks_again(
    cast: Cast, daughter: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"offer": str(cast.bath.pk), "date": str(clock.today() + timedelta(days=1))}
    with monkeypatch.context() as cold:
        cold.setattr(engine, "ready", lambda _: False)
        text = daughter.get(reverse("family:times"), asked).content.decode()
        assert 'hx-trigger="load delay:5s"' in text
        assert daughter.get(reverse(NEW), asked).status_code == 200
    assert engine.ready(300)
    assert "load delay" not in daughter.get(reverse("family:times"), asked).content.decode()


def test_times_already_past_are_not_marked(cast: Cast, daughter: Client) -> None:
    with clock.moved_to(clock.at(clock.today(), 15)):
        text = times(daughter, cast, clock.today())
    assert text.count(">好安排<") == 1
    assert 'id="easy-4" class="easy" hx-swap-oob="true">好安排</small>' in text


@pytest.mark.parametrize("day", ["", "soon", "2020-01-01"])
def test_for_no_such_day_nothing_is_said_of_times(cast: Cast, daughter: Client, day: str) -> None:
    asked = {"offer": str(cast.bath.pk), "date": day}
    reply = daughter.get(reverse("family:times"), asked)
    assert reply.status_code == 200
    assert '<div id="times" aria-live="polite"></div>' in reply.content.decode()
    assert daughter.get(reverse(NEW), asked).status_code == 200


def test_of_a_provider_that_does_not_come_here_nothing_is_said(
    cast: Cast, daughter: Client
) -> None:
    Offer.objects.filter(pk=cast.bath.pk).update(areas=["500152"])
    asked = {"offer": str(cast.bath.pk), "date": str(clock.today() + timedelta(days=1))}
    assert "安排" not in daughter.get(reverse("family:times"), asked).content.decode()


def test_times_are_told_for_ones_own_elder_only(cast: Cast, daughter: Client) -> None:
    asked = {"offer": str(cast.bath.pk), "elder": str(cast.far_elder.pk), "date": "2026-12-01"}
    assert daughter.get(reverse("family:times"), asked).status_code == 404
