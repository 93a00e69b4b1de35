"""A payer that a room declares is known everywhere: nothing else has to be touched."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.urls import reverse

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.ledger.actions import Posting, post
from songbai.core.ledger.queries import balance, total
from songbai.core.ledger.registry import Bill, Payer, Terms, payer, takes_back, terms_of
from songbai.core.ledger.rules import AccountSpec, transfer_id
from songbai.core.registry import reopened
from songbai.domain.orders.actions import (
    cancel,
    confirm,
    settle_month,
    undo_confirmation,
)
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import shares_of, statement
from songbai.domain.orders.rules import UNDO
from songbai.domain.orders.tests.story import earned, given
from tests.doors import signed_in

from .acts import placed
from .cast import Cast, acting, tomorrow

pytestmark = pytest.mark.django_db
FUND = AccountSpec("insurer:1:fund", "长护险基金", "500151000000", floor=None)
GIVEN = 100_000


@pytest.fixture
def insurance(cast: Cast) -> Iterator[Payer]:
    """For the length of a test a room declares who pays a tenth of baths, before all others."""
    with reopened():
        one = payer(
            "insurance",
            "长期护理保险",
            short="长护险",
            order=10,
            account="elder:{person}:insurance:{month}",
            book="老人的长护险额度",
        )
        terms_of(one)(lambda _payer, _bill: Terms(1_000, frozenset({cast.bath.item_id})))
        takes_back(one)(lambda _payer, _bill: FUND)
        give(cast, one)
        yield one


def give(cast: Cast, one: Payer) -> None:
    """What it may spend for Mrs Wang in the month of tomorrow."""
    month, region = clock.month_of(tomorrow(9)), cast.mother.region_id
    account = one.account_of(Bill(cast.mother.pk, region, month))
    posting = Posting(
        transfer_id("insurance", month), FUND, account, GIVEN, "insurance", month,
        ("elder", cast.mother.pk), "长护险", region, cast.mother.pk,
    )  # fmt: skip
    post(SYSTEM, [posting])


def left(cast: Cast, order: Order) -> int:
    return balance(f"elder:{cast.mother.pk}:insurance:{order.month}")


def earned_by(cast: Cast, order: Order) -> int:
    return balance(f"provider:{cast.provider.pk}:earned:insurance:{order.month}")


def test_it_pays_first_its_rate_of_what_it_pays_for(cast: Cast, insurance: Payer) -> None:
    bath, cleaning = placed(cast), placed(cast, offer_ids=[cast.cleaning.pk])
    paid = [(s.payer.code, s.amount) for s in shares_of(bath)]
    assert paid == [("insurance", 2_250), ("credit", 20_000), ("own", 250)]
    assert [s.payer.code for s in shares_of(cleaning)] == ["own"]
    assert left(cast, bath) == GIVEN - 2_250


def test_a_cancelled_share_goes_back_where_it_says(cast: Cast, insurance: Payer) -> None:
    order = placed(cast)
    with acting(cast.daughter):
        cancel(cast.daughter, order.pk)
    assert (left(cast, order), balance(FUND.code)) == (GIVEN - 2_250, 2_250 - GIVEN)
    assert total() == 0


def test_it_is_confirmed_undone_and_settled(cast: Cast, insurance: Payer) -> None:
    order = given(placed(cast))
    books = []
    for act in (confirm, undo_confirmation, confirm):
        with acting(cast.daughter):
            act(cast.daughter, order.pk)
        books.append(earned_by(cast, order))
    assert books == [2_250, 0, 2_250]
    with clock.moved_to(clock.now() + UNDO + timedelta(minutes=1)), acting(cast.officer):
        assert settle_month(cast.officer, cast.provider.pk, order.month) == 1
        bill = statement(cast.officer, cast.provider.pk, order.month)
    [line] = [line for line in bill.lines if line.payer == insurance]
    assert (line.amount, line.settled, bill.agrees) == (2_250, 2_250, True)
    assert balance(f"provider:{cast.provider.pk}:paid") == 22_500


def page(actor: Actor, name: str, *args: object, **query: str) -> str:
    reply = signed_in(actor).get(reverse(name, args=args), query, follow=True)
    assert reply.status_code == 200, name
    return reply.content.decode()


def test_every_door_shows_it(cast: Cast, insurance: Payer) -> None:
    order = earned(placed(cast))
    month, tail = {"month": order.month}, ["500151000000"]
    with clock.moved_to(order.window_end):  # months to come have no statement
        pages = [
            page(cast.daughter, "family:order", order.pk),
            page(cast.provider_staff, "provider:order", order.pk),
            page(cast.provider_staff, "provider:statement", **month),
            page(cast.provider_staff, "provider:statement_rows", **month, payer="insurance"),
            page(cast.officer, "bureau:order", order.pk),
            page(cast.officer, "bureau:orders", **month),
            page(cast.officer, "bureau:money", **month),
            page(cast.officer, "bureau:settle", cast.provider.pk, order.month),
            page(cast.officer, "bureau:town", *tail, **month),
            page(cast.officer, "bureau:ledger", book="elder/insurance", **month),
            page(cast.officer, "bureau:ledger", book="provider/earned", **month),
        ]
    # The account says what is left; the desk splits another price.
    assert [text for text in pages if "22.50" not in text and "977.50" not in text] == []
    pages.append(page(cast.dispatcher, "desk:order_new", elder=str(cast.mother.pk)))
    assert [text for text in pages if "长护险" not in text and "长期护理保险" not in text] == []


def test_the_family_is_told_before_ordering(cast: Cast, insurance: Payer) -> None:
    day = str(clock.today() + timedelta(days=1))
    text = page(cast.daughter, "family:quote", offer=str(cast.bath.pk), date=day)
    assert "长期护理保险付</span><b>22.50 元" in text
    assert re.search(r"付完\d+ 月长护险还剩</span><b>977.50 元", text)
    assert 'name="expected_own" value="250"' in text
