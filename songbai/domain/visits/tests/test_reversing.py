"""An order found not to have been given after it was confirmed, or paid: its money goes back."""

import uuid
from datetime import timedelta

import pytest

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.approvals.actions import vote
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.rules import Verdict
from songbai.core.errors import NotAllowed
from songbai.core.events.queries import history
from songbai.core.ledger.queries import balance, total
from songbai.core.reasons import ReasonMissing
from songbai.domain.benefits.actions.lapsing import lapse
from songbai.domain.benefits.tests.cycles import another_officer
from songbai.domain.orders.actions import settle_month
from songbai.domain.orders.errors import TooLate
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import statement
from songbai.domain.orders.rules import OrderState
from songbai.domain.orders.tests import story
from songbai.domain.orders.tests.story import AFTER_UNDO, PAID, START, bath, books
from songbai.domain.visits.actions.reversing import ask_reversal
from tests.acts import placed
from tests.cast import Cast, acting

WHY = "家里和邻居都说那天没有人来"


def asked(cast: Cast, order: Order, by: Actor | None = None) -> Proposal:
    """The officer, or another one, heard that nobody came."""
    officer = by or cast.officer
    with acting(officer):
        return ask_reversal(officer, order.pk, WHY, uuid.uuid4())


def taken_back(cast: Cast, order: Order) -> None:
    """A colleague agrees."""
    proposal, other = asked(cast, order), another_officer()
    with acting(other):
        vote(other, proposal.pk, Verdict.YES)
    order.refresh_from_db()


def paid(cast: Cast, order: Order) -> Order:
    """Given, confirmed, and paid after the time for undoing."""
    order = story.earned(order)
    with clock.moved_to(clock.now() + AFTER_UNDO), acting(cast.officer):
        settle_month(cast.officer, cast.provider.pk, order.month)
    order.refresh_from_db()
    return order


def owes(cast: Cast) -> int:
    """What the provider owes the district, in fen."""
    return -balance(f"provider:{cast.provider.pk}:owes:500151")


def test_what_was_paid_goes_back_to_the_payers_and_the_provider_owes_it(cast: Cast) -> None:
    order = paid(cast, bath(cast))
    assert books(cast) == PAID
    taken_back(cast, order)
    assert (order.state, order.cancel_reason) == (OrderState.CANCELLED, WHY)
    # The own part went from hand to hand: it is noted back, and no debt to the district.
    assert books(cast) == START | {"paid": 20_000}
    assert (owes(cast), total()) == (20_000, 0)
    assert history("order", order.pk).latest("pk").kind == "order.taken_back"


def test_what_is_owed_is_kept_back_from_what_is_settled_next(cast: Cast) -> None:
    taken_back(cast, paid(cast, bath(cast)))
    small = paid(cast, placed(cast, offer_ids=[cast.cleaning.pk]))
    shares = {share.payer: share.amount for share in small.shares.all()}
    assert owes(cast) == 20_000 - shares["credit"] > 0
    assert balance(f"provider:{cast.provider.pk}:paid") == 20_000 + shares.get("own", 0)
    with acting(cast.officer):
        bill = statement(cast.officer, cast.provider.pk, small.month)
    assert bill.agrees
    assert total() == 0


def test_more_is_paid_once_the_debt_is_worked_off(cast: Cast) -> None:
    taken_back(cast, paid(cast, bath(cast)))
    for _ in range(2):
        paid(cast, bath(cast))
    assert owes(cast) == 0
    assert total() == 0


def test_what_was_confirmed_and_not_paid_goes_back_at_once(cast: Cast) -> None:
    order = story.earned(bath(cast))
    taken_back(cast, order)
    assert (order.state, books(cast), owes(cast)) == (OrderState.CANCELLED, START, 0)


def test_a_credit_that_lapsed_meanwhile_goes_back_to_the_fund(cast: Cast) -> None:
    order = paid(cast, bath(cast))
    later = order.window_end + timedelta(days=40)
    with clock.moved_to(later):
        lapse(SYSTEM)
        fund = balance(f"fund:500151:credit:{order.month}")
        taken_back(cast, order)
        assert balance(f"fund:500151:credit:{order.month}") == fund + 20_000
    assert total() == 0


def test_it_takes_two_officers_a_reason_and_an_order_that_was_confirmed(cast: Cast) -> None:
    order = bath(cast)
    with acting(cast.officer), pytest.raises(TooLate):
        ask_reversal(cast.officer, order.pk, WHY, uuid.uuid4())
    order = paid(cast, order)
    with acting(cast.officer), pytest.raises(ReasonMissing):
        ask_reversal(cast.officer, order.pk, "假", uuid.uuid4())
    with acting(cast.provider_staff), pytest.raises(NotAllowed):
        ask_reversal(cast.provider_staff, order.pk, WHY, uuid.uuid4())
    proposal = asked(cast, order)
    with acting(cast.officer), pytest.raises(NotAllowed):
        vote(cast.officer, proposal.pk, Verdict.YES)
    assert books(cast) == PAID


def test_two_proposals_take_it_back_once(cast: Cast) -> None:
    order = paid(cast, bath(cast))
    second = asked(cast, order, another_officer())
    taken_back(cast, order)
    other = another_officer()
    with acting(other), pytest.raises(TooLate):
        vote(other, second.pk, Verdict.YES)
    assert owes(cast) == 20_000
