"""Vouchers pay a share of what the elder would pay, up to the month's cap, and end with it."""

import uuid
from datetime import date, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.errors import NotAllowed, Refused
from songbai.core.ledger.actions import Overdrawn
from songbai.core.ledger.queries import balance, total
from songbai.core.ledger.registry import payers
from songbai.core.ledger.rules import WHOLE
from songbai.domain.benefits.actions import lapse
from songbai.domain.benefits.actions.paying import pay
from songbai.domain.benefits.bank import RecordingBank
from songbai.domain.benefits.declares import CREDIT, VOUCHER
from songbai.domain.benefits.rules import Month, decide
from songbai.domain.benefits.rules.credit import month_ends, spending_policy
from songbai.domain.benefits.rules.facts import sheet_of
from songbai.domain.benefits.rules.policy import Channel
from songbai.domain.benefits.tests.facts import may_use_vouchers
from songbai.domain.benefits.tests.giving import grant_voucher
from songbai.domain.catalogue.actions import make_offer
from songbai.domain.elders.models import Elder
from songbai.domain.orders.actions import cancel, confirm, place, settle_month
from songbai.domain.orders.errors import PriceChanged
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import quote, shares_of, statement
from songbai.domain.orders.rules import Split
from tests.acts import afterwards_nothing, wanted
from tests.cast import Cast, acting, tomorrow
from tests.together import failures, together

from . import story

FEN = st.integers(0, 10_000_000)
CAP = 80_000


@pytest.mark.parametrize(
    ("price", "credit", "voucher", "rate", "expected"),
    [
        (22_500, 20_000, 80_000, 5_000, (20_000, 1_250, 1_250)),
        (22_500, 0, 80_000, 4_000, (0, 9_000, 13_500)),
        (33, 0, 80_000, 5_000, (0, 16, 17)),
        (200_000, 0, 80_000, 5_000, (0, 80_000, 120_000)),
        (200_000, 0, 500, 5_000, (0, 500, 199_500)),
        (6_000, 20_000, 80_000, 5_000, (6_000, 0, 0)),
        (6_000, 0, 0, 5_000, (0, 0, 6_000)),
    ],
)
def test_first_the_credit_then_the_vouchers_share_then_own_money(
    price: int, credit: int, voucher: int, rate: int, expected: tuple[int, int, int]
) -> None:
    found = story.split(price, credit, voucher, rate)
    assert parts(found) == expected
    assert [s.payer for s in found.shares] == [p for p in payers() if found.of(p)]


@given(FEN, FEN, FEN, st.integers(0, WHOLE))
def test_shares_always_add_up_and_no_purse_is_exceeded(
    price: int, credit: int, voucher: int, rate: int
) -> None:
    found = story.split(price, credit, voucher, rate)
    assert found.total == price == sum(share.amount for share in found.shares)
    by_credit, by_voucher, own = parts(found)
    assert 0 <= by_credit <= credit
    assert 0 <= by_voucher <= min(voucher, (price - by_credit) * rate // WHOLE)
    assert own >= 0


@given(st.lists(st.integers(0, 300_000), max_size=12))
def test_orders_never_take_more_than_the_policy_gives_for_the_month(prices: list[int]) -> None:
    left = CAP
    for price in prices:
        left -= story.split(price, 0, left, 5_000).of(VOUCHER)
    policy = spending_policy(Channel.VOUCHER, "2026-06", "500151001001")
    sheet = sheet_of(
        birth_date=date(1940, 1, 1),
        ability_level=3,
        hardship="none",
        concentrated_care_aid=False,
        home_care_upgrade=False,
    )
    assert decide(policy, sheet, Month("2026-06")).amount == CAP
    # Fractions of a fen are dropped for each order.
    assert 0 <= min(CAP, sum(prices) // 2) - (CAP - left) <= len(prices)


@pytest.mark.parametrize("wrong", [(-1, 0, 0, 0), (1, 0, -1, 0), (1, 0, 0, -1), (1, 0, 0, 10_001)])
def test_what_makes_no_sense_is_refused(wrong: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="must not be"):
        story.split(*wrong)


def parts(found: Split) -> tuple[int, int, int]:
    """What credit, voucher and the elder pay."""
    return found.of(CREDIT), found.of(VOUCHER), found.own


def voucher(elder: Elder, month: str = "") -> str:
    return f"elder:{elder.pk}:voucher:{month or clock.month_of(tomorrow(9))}"


def with_voucher(cast: Cast) -> None:
    """Mrs Wang may use vouchers in the month of tomorrow."""
    may_use_vouchers(cast.mother)
    assert grant_voucher(SYSTEM, cast.mother, clock.month_of(tomorrow(9)))


pytestmark = [pytest.mark.django_db, pytest.mark.long]


def test_the_family_sees_the_split_and_gets_it(cast: Cast) -> None:
    with_voucher(cast)
    with acting(cast.daughter):
        price = [(cast.bath.item_id, cast.bath.price)]
        seen = quote(cast.mother, price, clock.month_of(tomorrow(9)))
        order = place(cast.daughter, wanted(cast, expected_own=seen.own))
    assert parts(seen) == (20_000, 1_250, 1_250)
    assert shares_of(order) == list(seen.shares)
    assert balance(voucher(cast.mother)) == CAP - 1_250
    assert total() == 0


def test_a_cancelled_order_gives_the_voucher_back(cast: Cast) -> None:
    with_voucher(cast)
    order = place(cast.daughter, wanted(cast))
    with acting(cast.daughter):
        cancel(cast.daughter, order.pk)
    assert balance(voucher(cast.mother)) == CAP


def test_the_provider_earns_by_payer_and_orders_agree_with_the_books(cast: Cast) -> None:
    with_voucher(cast)
    order = story.earned(place(cast.daughter, wanted(cast)))
    with clock.moved_to(clock.now() + story.AFTER_UNDO), acting(cast.officer):
        bill = statement(cast.officer, cast.provider.pk, order.month)
        earned = {line.payer.code: line.amount for line in bill.lines}
        assert earned == {"credit": 20_000, "voucher": 1_250, "own": 1_250}
        assert bill.agrees
        assert settle_month(cast.officer, cast.provider.pk, order.month) == 1
        assert statement(cast.officer, cast.provider.pk, order.month).agrees
    assert balance(f"provider:{cast.provider.pk}:paid") == 22_500


def test_a_voucher_appearing_meanwhile_changes_the_price_and_asks_again(cast: Cast) -> None:
    with_voucher(cast)
    with pytest.raises(PriceChanged):
        place(cast.daughter, wanted(cast, expected_own=2_500))


def after(month: str) -> datetime:
    return month_ends(month) + timedelta(minutes=5)


def test_at_month_end_the_rest_goes_back_and_what_is_held_is_honoured(cast: Cast) -> None:
    with_voucher(cast)
    order = story.given(place(cast.daughter, wanted(cast)))
    month = order.month
    assert lapse(SYSTEM) == 0
    with clock.moved_to(after(month)):
        assert lapse(SYSTEM) == 2
        assert lapse(SYSTEM) == 0
        confirm(cast.daughter, order.pk)
    assert balance(voucher(cast.mother)) == 0
    assert balance(f"fund:500151:voucher:{month}") == -1_250
    assert balance(f"fund:500151:credit:{month}") == -20_000
    assert balance(f"provider:{cast.provider.pk}:earned:voucher:{month}") == 1_250
    assert total() == 0


def test_an_order_cancelled_after_the_month_gives_back_to_the_fund(cast: Cast) -> None:
    with_voucher(cast)
    order = place(cast.daughter, wanted(cast))
    with clock.moved_to(after(order.month)):
        lapse(SYSTEM)
        with acting(cast.dispatcher):
            cancel(cast.dispatcher, order.pk, "没有去成")
    assert balance(voucher(cast.mother)) == 0
    assert balance(f"elder:{cast.mother.pk}:credit:{order.month}") == 0
    assert balance(f"fund:500151:voucher:{order.month}") == 0
    assert balance(f"fund:500151:credit:{order.month}") == 0
    assert balance(f"elder:{cast.mother.pk}:own") == 0
    assert total() == 0


def test_what_lapsed_is_not_spent_in_the_next_month(cast: Cast) -> None:
    with_voucher(cast)
    with clock.moved_to(after(clock.month_of(tomorrow(9)))):
        lapse(SYSTEM)
        split = quote(cast.mother, [(story.THING, 22_500)], clock.month_of(clock.today()))
    assert parts(split) == (0, 0, 22_500)


PRESSED = st.lists(
    st.sampled_from(["bath", "massage", "cancel", "give", "lapse"]), min_size=1, max_size=9
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pressed=PRESSED)
def test_whatever_is_pressed_the_cap_holds_and_nothing_is_lost(
    cast: Cast, pressed: list[str]
) -> None:
    with afterwards_nothing():
        with_voucher(cast)
        dear = make_offer(SYSTEM, cast.other_provider, cast.bath.item, 90_000, ["500151"])
        offers = {"bath": [cast.bath.pk], "massage": [dear.pk]}
        month, lapsed = clock.month_of(tomorrow(9)), False
        for act in pressed:
            last = Order.objects.order_by("id").last()
            if act in offers and not lapsed:
                place(cast.daughter, wanted(cast, key=uuid.uuid4(), offer_ids=offers[act]))
            elif act == "lapse":
                with clock.moved_to(after(month)):
                    lapse(SYSTEM)
                lapsed = True
            elif last and act == "cancel" and last.state == "accepted":
                cancel(cast.daughter, last.pk)
            elif last and act == "give" and last.state == "accepted":
                story.given(last)
        live = Order.objects.exclude(state="cancelled")
        spent = sum(
            share.amount
            for order in live
            for share in order.shares.all()
            if share.payer == VOUCHER.code
        )
        assert spent <= CAP
        left = balance(voucher(cast.mother))
        assert left == (0 if lapsed else CAP - spent)
        assert balance(f"fund:500151:voucher:{month}") == (-spent if lapsed else -CAP)
        assert all(sum(s.amount for s in o.shares.all()) == o.total for o in live)
        assert total() == 0


@pytest.mark.django_db(transaction=True)
def test_orders_at_once_never_pass_the_cap(cast: Cast) -> None:
    with_voucher(cast)
    dear = make_offer(SYSTEM, cast.other_provider, cast.bath.item, 120_000, ["500151"])

    def order() -> None:
        with acting(cast.daughter):
            place(cast.daughter, wanted(cast, key=uuid.uuid4(), offer_ids=[dear.pk]))

    errors = failures(together(*[order] * 4))
    assert all(isinstance(error, Overdrawn) for error in errors)
    paid = sum(
        share.amount
        for order in Order.objects.all()
        for share in order.shares.filter(payer="voucher")
    )
    assert paid <= CAP
    assert balance(voucher(cast.mother)) == CAP - paid >= 0
    assert total() == 0


@pytest.mark.django_db(transaction=True)
def test_a_double_tap_takes_the_voucher_once(cast: Cast) -> None:
    with_voucher(cast)
    new = wanted(cast, key=uuid.uuid4())

    def tap() -> int:
        with acting(cast.daughter):
            return place(cast.daughter, new).pk

    assert len(set(together(*[tap] * 4))) == 1
    assert balance(voucher(cast.mother)) == CAP - 1_250


@pytest.mark.django_db(transaction=True)
def test_cancelling_and_lapsing_at_once_leave_no_money_on_a_dead_account(cast: Cast) -> None:
    with_voucher(cast)
    order = place(SYSTEM, wanted(cast, offer_ids=[cast.cleaning.pk]))

    def give_up() -> None:
        with acting(cast.dispatcher):
            cancel(cast.dispatcher, order.pk)

    with clock.moved_to(after(order.month)):
        assert failures(together(give_up, lambda: lapse(SYSTEM))) == []
        lapse(SYSTEM)  # the grant was taken by the cancellation: the next hour's turn
    assert balance(voucher(cast.mother)) == 0
    assert balance(f"elder:{cast.mother.pk}:credit:{order.month}") == 0
    assert balance(f"fund:500151:credit:{order.month}") == 0
    assert total() == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_lapse_each_grant_once(cast: Cast) -> None:
    with_voucher(cast)
    month = clock.month_of(tomorrow(9))
    with clock.moved_to(after(month)):
        assert sum(int(str(n)) for n in together(*[lambda: lapse(SYSTEM, block=1)] * 4)) == 2
    assert balance(f"fund:500151:voucher:{month}") == 0
    assert total() == 0


def test_a_lapse_that_fails_half_way_is_done_whole_by_the_next(cast: Cast) -> None:
    with_voucher(cast)
    month = clock.month_of(tomorrow(9))
    with clock.moved_to(after(month)):
        with pytest.raises(Refused), transaction.atomic():
            lapse(SYSTEM)
            raise Refused
        assert balance(voucher(cast.mother, month)) == CAP
        assert lapse(SYSTEM) == 2
    assert balance(voucher(cast.mother, month)) == 0


def test_the_record_of_who_may_use_vouchers_is_asked(cast: Cast) -> None:
    month = clock.month_of(tomorrow(9))
    assert grant_voucher(SYSTEM, cast.mother, month) is None  # nobody said what excludes her
    may_use_vouchers(cast.mother)
    grant = grant_voucher(SYSTEM, cast.mother, month)
    assert grant is not None
    assert (grant.amount, grant.home_rate, grant.institution_rate) == (CAP, 5_000, 4_000)
    assert grant_voucher(SYSTEM, cast.mother, month) == grant
    assert balance(voucher(cast.mother)) == CAP


@pytest.mark.parametrize("kind", ["concentrated_care", "home_care_upgrade"])
def test_whom_another_aid_excludes_gets_no_voucher(cast: Cast, kind: str) -> None:
    may_use_vouchers(cast.mother, **{kind: "true"})
    assert grant_voucher(SYSTEM, cast.mother, clock.month_of(tomorrow(9))) is None


def test_nobody_gives_vouchers_by_hand(cast: Cast) -> None:
    for actor in (cast.officer, cast.daughter):
        with pytest.raises(NotAllowed):
            pay(actor, RecordingBank(), 0)
        with pytest.raises(NotAllowed):
            lapse(actor)
