"""The provider's back office: what it sees of its own, and what it never sees."""

import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from songbai.core import clock
from songbai.core.accounts.models import Access, Account
from songbai.core.accounts.rules import Actor
from songbai.core.audit.models import Read
from songbai.core.geo import Place
from songbai.domain.benefits.tests.cycles import another_officer
from songbai.domain.dispatch.actions import assign
from songbai.domain.orders.actions import NewOrder, cancel, confirm, place, settle_month
from songbai.domain.orders.models import Order
from songbai.domain.visits.actions import Scan, check_in, check_out, look, record_step
from songbai.domain.visits.queries import asked_steps
from tests.acts import written
from tests.cast import HOME, Cast, acting, phone_of, tomorrow

pytestmark = pytest.mark.long

HTMX = {"HX-Request": "true"}


def log_in(client: Client, actor: Actor) -> Client:
    client.force_login(
        Account.objects.get(pk=actor.account_id or 0),
        backend="songbai.core.accounts.backends.PasswordBackend",
    )
    return client


def place_order(cast: Cast, hour: int = 9) -> Order:
    with acting(cast.daughter):
        return place(
            cast.daughter,
            NewOrder(
                key=uuid.uuid4(),
                elder=cast.mother,
                offer_ids=[cast.bath.pk],
                window_start=tomorrow(hour),
                window_end=tomorrow(hour + 2),
                again=True,
            ),
        )


def serve(cast: Cast, order: Order) -> None:
    """The caregiver comes without position, does everything and leaves; the family confirms."""
    with acting(cast.dispatcher):
        sent = assign(cast.dispatcher, order.pk, cast.staff.pk, reason="老人点名要她去")
    code, near = str(cast.mother.door_code), Place(HOME.longitude, HOME.latitude)
    with clock.moved_to(sent.starts_at), acting(cast.caregiver):
        visit = check_in(
            cast.caregiver, sent.pk, Scan(uuid.uuid4(), code, None, reason="楼里没有信号")
        )
        for step in asked_steps(visit):
            record_step(cast.caregiver, visit.pk, step.code, done=True, value=written(step))
    with clock.moved_to(sent.starts_at + timedelta(minutes=order.minutes)):
        with acting(cast.caregiver):
            check_out(cast.caregiver, visit.pk, Scan(uuid.uuid4(), code, near))
        with acting(cast.daughter):
            confirm(cast.daughter, order.pk, stars=4)


@pytest.fixture
def office(client: Client, cast: Cast) -> Client:
    return log_in(client, cast.provider_staff)


def the_day() -> dict[str, str]:
    return {"day": (clock.today() + timedelta(days=1)).isoformat()}


def month() -> str:
    return clock.month_of(tomorrow(9))


def test_the_list_shows_the_day_masked_and_leaves_a_trace(office: Client, cast: Cast) -> None:
    order = place_order(cast)
    page = office.get(reverse("provider:orders"), the_day()).content.decode()
    assert str(order.number) in page
    assert "王*英，" in page
    assert "王桂英" not in page
    assert "额度付 200，自己付 25" in page
    assert Read.objects.filter(person_id=cast.mother.pk, purpose="办理订单").count() == 1
    assert str(order.number) not in office.get(reverse("provider:orders")).content.decode()


def test_tabs_add_up_to_all(office: Client, cast: Cast) -> None:
    place_order(cast)
    gone = place_order(cast, 14)
    with acting(cast.daughter):
        cancel(cast.daughter, gone.pk, "改天再洗")
    page = office.get(reverse("provider:orders"), the_day()).content.decode()
    tabs = re.search(r'<nav class="tabs".*?</nav>', page, re.DOTALL)
    assert tabs
    total, *states = [int(n) for n in re.findall(r"<span>(\d+)</span>", tabs[0])]
    assert total == sum(states) == 2
    only = office.get(reverse("provider:orders"), {**the_day(), "state": "cancelled"})
    assert str(gone.number) in only.content.decode()
    assert only.content.decode().count("data-row=") == 1


def test_orders_are_found_by_number_on_any_day_and_by_name(office: Client, cast: Cast) -> None:
    order = place_order(cast)
    url = reverse("provider:orders")
    assert f'data-row="{order.pk}"' in office.get(url, {"q": str(order.number)}).content.decode()
    assert "data-row" in office.get(url, {**the_day(), "q": "王桂"}).content.decode()
    assert "data-row" not in office.get(url, {**the_day(), "q": "李"}).content.decode()
    elsewhere = office.get(url, {**the_day(), "town": "500151105"}).content.decode()
    assert "按这些条件没有订单" in elsewhere


def test_nonsense_filters_count_as_not_asked(office: Client, cast: Cast) -> None:
    asked = {"day": "x", "state": "x", "town": "x", "page": "x", "order": "x"}
    assert office.get(reverse("provider:orders"), asked).status_code == 200


def test_an_order_shows_its_process_evidence_and_money(office: Client, cast: Cast) -> None:
    order = place_order(cast)
    serve(cast, order)
    page = office.get(reverse("provider:order", args=[order.pk]), headers=HTMX).content.decode()
    for words in (
        "家属下单",
        "派给李*",
        "扫码签到，没有定位",
        "家属确认，4 星",
        "1 项要核对",
        "来时：没有定位；走时：",
        "要求 200 米内",
        "居家服务额度",
        "200 元",
        "青霉素过敏",
    ):
        assert words in page, words
    assert "王桂英" not in page
    assert "<html" not in page


def test_an_order_opened_without_htmx_comes_with_its_list(office: Client, cast: Cast) -> None:
    order = place_order(cast)
    page = office.get(reverse("provider:order", args=[order.pk]), follow=True).content.decode()
    assert 'aria-selected="true"' in page
    assert "等派人" in page


def test_the_list_shows_evidence_at_a_glance_and_the_month(office: Client, cast: Cast) -> None:
    serve(cast, place_order(cast))
    page = office.get(reverse("provider:orders"), the_day()).content.decode()
    assert 'aria-label="扫码签到"' in page
    assert 'aria-label="没有定位"' in page
    if month() == clock.month_of(clock.today()):
        assert "<b>4.0</b>" in page
        assert "<b>225</b>" in page


def test_the_statement_agrees_and_every_number_opens_its_rows(office: Client, cast: Cast) -> None:
    order = place_order(cast)
    serve(cast, order)
    page = office.get(reverse("provider:statement"), {"month": month()}).content.decode()
    assert "订单和账本一致" in page
    table = page[page.index("<tbody>") : page.index("</table>")]
    links = re.findall(r'<td class="n">(<a href="[^"]+")', table)
    assert len(links) == table.count('<td class="n">') == 20
    for link in links:
        rows = office.get(link[9:-1].replace("&amp;", "&")).content.decode()
        if "state=settled" in link or "payer=voucher" in link:
            assert "没有明细" in rows
        else:
            assert str(order.number) in rows
            assert "王桂英" not in rows


def test_what_is_settled_moves_from_one_number_to_the_other(office: Client, cast: Cast) -> None:
    order = place_order(cast)
    serve(cast, order)
    url, asked = reverse("provider:statement_rows"), {"month": order.month}
    assert (
        "其中 1 单、225 元有疑点"
        in office.get(reverse("provider:statement"), asked).content.decode()
    )
    assert "合计 225 元" in office.get(url, {**asked, "state": "held"}).content.decode()
    with clock.moved_to(tomorrow(20)):
        with acting(cast.officer):
            look(cast.officer, order.pk, given=True, reason="打电话问过老人")
        payer = another_officer()
        with acting(payer):
            settle_month(payer, cast.provider.pk, order.month)
    assert "合计 225 元" in office.get(url, {**asked, "state": "settled"}).content.decode()
    assert "0 条，合计 0 元" in office.get(url, {**asked, "state": "done"}).content.decode()
    books = office.get(url, {**asked, "state": "ledger", "payer": "credit"}).content.decode()
    assert "2 条，合计 0 元" in books
    assert "−200" in books
    assert "订单和账本一致" in office.get(reverse("provider:statement"), asked).content.decode()


def test_after_access_has_ended_the_money_stays_and_the_person_is_gone(
    office: Client, cast: Cast
) -> None:
    order = place_order(cast)
    serve(cast, order)
    Access.objects.filter(organisation_id=cast.provider.pk).update(
        valid_until=clock.now() - timedelta(days=1)
    )
    rows = office.get(reverse("provider:statement_rows"), {"month": month()}).content.decode()
    assert "合计 225 元" in rows
    assert "查看期已过" in rows
    assert "王" not in rows
    page = office.get(reverse("provider:orders"), {**the_day(), "order": str(order.pk)})
    assert "查看期已过" in page.content.decode()
    assert "王*英" not in page.content.decode()


def test_a_month_that_is_none_is_not_found(office: Client) -> None:
    assert office.get(reverse("provider:statement"), {"month": "2026-13"}).status_code == 404


def test_caregivers_with_skills_shifts_and_work(office: Client, cast: Cast) -> None:
    order = place_order(cast)
    serve(cast, order)
    with clock.moved_to(tomorrow(20)):
        with acting(cast.officer):
            look(cast.officer, order.pk, given=True, reason="打电话问过老人")
        page = office.get(reverse("provider:staff")).content.decode()
    row = page[page.index("C0001") :]
    row = row[: row.index("</tr>")]
    assert "助浴证" in row
    assert "7:00–19:00" in row
    assert row.count('<td class="n">1</td>') == 2
    assert "C0003" not in page
    assert phone_of(cast.caregiver) in page


def test_another_provider_sees_nothing_of_it(client: Client, cast: Cast) -> None:
    order = place_order(cast)
    serve(cast, order)
    log_in(client, cast.other_provider_staff)
    for name in ("orders", "statement", "statement_rows", "staff"):
        asked = {**the_day(), "month": month(), "q": str(order.number)}
        page = client.get(reverse(f"provider:{name}"), asked).content.decode()
        assert "王*英" not in page
        assert f'data-row="{order.pk}"' not in page
        assert "225 元" not in page and ">225<" not in page  # a number or a token may hold 225
        assert "C0001" not in page
    answer = client.get(reverse("provider:order", args=[order.pk]), headers=HTMX)
    assert answer.status_code == 404
    assert "王" not in answer.content.decode()
    assert client.get(reverse("provider:orders"), {"order": order.pk}).status_code == 404


@pytest.mark.parametrize("name", ["orders", "statement", "statement_rows", "staff"])
def test_strangers_are_asked_to_log_in(client: Client, cast: Cast, name: str) -> None:
    answer = client.get(reverse(f"provider:{name}"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("accounts:login"))


@pytest.mark.parametrize("who", ["daughter", "caregiver", "dispatcher", "officer"])
def test_other_roles_stay_outside(client: Client, cast: Cast, who: str) -> None:
    log_in(client, cast.actors()[who])
    assert client.get(reverse("provider:orders")).status_code == 403


def test_the_list_asks_as_many_questions_for_many_as_for_one(office: Client, cast: Cast) -> None:
    url = reverse("provider:orders")
    place_order(cast)
    with CaptureQueriesContext(connection) as one:
        office.get(url, the_day())
    for hour in (8, 10, 12, 13, 14, 15, 16):
        place_order(cast, hour)
    with CaptureQueriesContext(connection) as many:
        office.get(url, the_day())
    assert len(many) <= len(one)
