"""Ordering for somebody who is on the phone."""

import uuid
from datetime import timedelta

from django.test import Client
from django.urls import reverse

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.audit.models import Read
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.domain.orders.models import Order
from tests.acts import placed
from tests.cast import Cast

URL = "desk:order_new"


def log_in(client: Client, actor: Actor) -> None:
    client.force_login(
        Account.objects.get(pk=actor.account_id or 0),
        backend="songbai.core.accounts.backends.PasswordBackend",
    )


def typed(cast: Cast, **changes: str) -> dict[str, str | int]:
    return {
        "idempotency_key": str(uuid.uuid4()),
        "day": (clock.today() + timedelta(days=1)).isoformat(),
        "offer": cast.bath.pk,
        f"own_{cast.bath.pk}": "2500",
        "begin": "09:00",
        "end": "11:00",
        "note": "要带防滑垫",
        **changes,
    }


def test_an_elder_is_found_by_the_beginning_of_the_name(client: Client, cast: Cast) -> None:
    log_in(client, cast.dispatcher)
    page = client.get(reverse(URL), {"q": "王桂"}).content.decode()
    assert "王*英" in page
    assert "王桂英" not in page
    assert "李*福" not in page
    assert Read.objects.filter(person_id=cast.mother.pk, purpose="电话下单，找老人").count() == 1


def test_an_elder_is_found_by_initials_in_scope_only(client: Client, cast: Cast) -> None:
    log_in(client, cast.dispatcher)
    page = client.get(reverse(URL), {"q": "wg"}).content.decode()
    assert "王*英" in page
    assert "陈*秀" not in page
    assert "没有找到" in client.get(reverse(URL), {"q": "wgx"}).content.decode()


def test_prices_are_split_before_the_order(client: Client, cast: Cast) -> None:
    log_in(client, cast.dispatcher)
    page = client.get(
        reverse(URL), {"elder": str(cast.mother.pk), "service": "洗澡"}
    ).content.decode()
    assert "225 元" in page
    assert "200 元" in page
    assert "25 元" in page
    assert "128****1024" in page
    assert "12800001024" not in page


def test_a_phone_form_sent_again_with_another_time_says_what_was_ordered(
    client: Client, cast: Cast
) -> None:
    log_in(client, cast.dispatcher)
    url, data = f"{reverse(URL)}?elder={cast.mother.pk}", typed(cast)
    client.post(url, data)
    reply = client.post(url, {**data, "begin": "14:00", "end": "16:00"})
    text = reply.content.decode()
    assert (reply.status_code, Order.objects.count()) == (409, 1)
    assert "这张单已经下过了，改过的还没有订" in text
    assert str(data["idempotency_key"]) not in text


def test_an_order_is_placed_once_and_opened(client: Client, cast: Cast) -> None:
    log_in(client, cast.dispatcher)
    url, data = f"{reverse(URL)}?elder={cast.mother.pk}", typed(cast)
    answer = client.post(url, data)
    order = Order.objects.get(elder=cast.mother)
    assert answer["Location"].endswith(f"order={order.pk}")
    assert order.channel == "hotline"
    assert order.note == "要带防滑垫"
    client.post(url, data)
    assert Order.objects.count() == 1


def test_a_window_at_night_is_refused_and_everything_stays(client: Client, cast: Cast) -> None:
    log_in(client, cast.dispatcher)
    url = f"{reverse(URL)}?elder={cast.mother.pk}"
    answer = client.post(url, typed(cast, begin="11:00", end="09:00"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "结束时间要比开始时间晚。" in page
    assert "要带防滑垫" in page
    assert f'value="{cast.bath.pk}" checked' in page
    assert not Order.objects.exists()


def test_a_changed_price_is_shown_before_ordering(client: Client, cast: Cast) -> None:
    log_in(client, cast.dispatcher)
    url = f"{reverse(URL)}?elder={cast.mother.pk}"
    page = client.post(url, typed(cast, **{f"own_{cast.bath.pk}": "0"})).content.decode()
    assert "价格或剩余额度刚刚变了" in page
    assert f'name="own_{cast.bath.pk}" value="2500"' in page


def test_nothing_chosen_is_said_at_the_field(client: Client, cast: Cast) -> None:
    log_in(client, cast.dispatcher)
    answer = client.post(f"{reverse(URL)}?elder={cast.mother.pk}", typed(cast, offer=""))
    assert "请选一项服务。" in answer.content.decode()


def test_an_elder_of_elsewhere_does_not_exist(client: Client, cast: Cast) -> None:
    log_in(client, cast.far_dispatcher)
    url = f"{reverse(URL)}?elder={cast.mother.pk}"
    for answer in (client.get(url), client.post(url, typed(cast))):
        assert answer.status_code == 404
        assert "王" not in answer.content.decode()


def test_the_same_for_the_same_day_is_asked_for(client: Client, cast: Cast) -> None:
    log_in(client, cast.dispatcher)
    url = f"{reverse(URL)}?elder={cast.mother.pk}"
    client.post(url, typed(cast))
    own = {f"own_{cast.bath.pk}": "22500"}
    asked = client.post(url, typed(cast, **own))
    assert (asked.status_code, Order.objects.count()) == (409, 1)
    assert "已经订了一次，还要再订吗？" in asked.content.decode()
    assert client.post(url, typed(cast, again="1", **own)).status_code == 302
    assert Order.objects.count() == 2


def test_another_visit_for_that_time_is_asked_about(client: Client, cast: Cast) -> None:
    log_in(client, cast.dispatcher)
    placed(cast, offer_ids=[cast.cleaning.pk])
    asked = client.post(f"{reverse(URL)}?elder={cast.mother.pk}", typed(cast))
    assert (asked.status_code, Order.objects.count()) == (409, 1)
    assert "那个时间已经有人上门，还要再订吗？" in asked.content.decode()


def test_for_who_is_in_hospital_it_is_asked_first(client: Client, cast: Cast) -> None:
    admitted = clock.today() - timedelta(days=3)
    stay = NewFact("hospital_stay", "铜梁区人民医院", source_id="S1", valid_from=admitted)
    record_facts(SYSTEM, cast.mother, [stay], source="yibao")
    log_in(client, cast.dispatcher)
    url = f"{reverse(URL)}?elder={cast.mother.pk}"
    asked = client.post(url, typed(cast))
    since = f"{admitted.month} 月 {admitted.day} 日起住院"
    assert (asked.status_code, Order.objects.count()) == (409, 0)
    assert f"老人登记着 {since}，还没有登记出院，还要订吗？" in asked.content.decode()
    assert client.post(url, typed(cast, again="1")).status_code == 302
    assert Order.objects.count() == 1


def test_hours_of_today_that_are_over_are_not_offered(client: Client, cast: Cast) -> None:
    log_in(client, cast.dispatcher)
    today = clock.today()
    with clock.moved_to(clock.at(today, 13, 10)):
        asked = {"elder": str(cast.mother.pk), "day": str(today)}
        page = client.get(reverse(URL), asked).content.decode()
        url = f"{reverse(URL)}?elder={cast.mother.pk}"
        late = client.post(url, typed(cast, day=str(today), begin="13:00", end="15:00"))
    assert '<option value="13:00"' not in page
    assert '<option value="13:30" selected>' in page
    assert "这个时间已经过了" in late.content.decode()
    assert not Order.objects.exists()


def test_for_who_is_dead_no_form_is_offered(client: Client, cast: Cast) -> None:
    record_facts(SYSTEM, cast.mother, [NewFact("death", str(clock.today()))], source="gongan")
    log_in(client, cast.dispatcher)
    page = client.get(reverse(URL), {"elder": str(cast.mother.pk)})
    text = page.content.decode()
    assert (page.status_code, "去世，不能再下单" in text) == (409, True)
    assert 'name="offer"' not in text
    url = f"{reverse(URL)}?elder={cast.mother.pk}"
    assert client.post(url, typed(cast)).status_code == 409
    assert not Order.objects.exists()
