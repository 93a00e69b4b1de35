"""A person has one credit of a month: what a merge and a death ended by error comes back."""

from datetime import timedelta

import pytest

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.ledger.queries import balance, total
from songbai.domain.benefits.tests.giving import grant_credit
from songbai.domain.elders.actions.facts import NewFact, record_facts, withdraw
from songbai.domain.elders.actions.turning import follow_turns
from songbai.domain.elders.models import Elder, Followed, FollowedState
from songbai.domain.matching.actions import merge, settle
from songbai.domain.orders.actions import cancel
from tests.acts import placed
from tests.cast import Cast, make_elder, tomorrow

from .test_merged_lives import joined, parted

pytestmark = pytest.mark.long


@pytest.fixture
def other(cast: Cast) -> Elder:  # the register stands
    """A second record of Mrs Wang."""
    return make_elder("王桂英", 77)


def test_a_grant_of_the_time_in_between_goes_on_somebodys_list(cast: Cast) -> None:
    month, second = clock.month_of(clock.today() + timedelta(days=40)), make_elder("王桂英", 78)
    made = joined(cast, second)
    assert grant_credit(SYSTEM, cast.mother, month) is not None
    parted(made)
    row = Followed.objects.get(what="grant", state=FollowedState.TO_DO)
    assert (row.elder_id, month in row.words) == (second.pk, True)


def test_what_a_credit_still_holds_is_spent_by_the_person(cast: Cast, other: Elder) -> None:
    month, third = clock.month_of(clock.today()), make_elder("王桂英", 78)
    account = f"elder:{{}}:credit:{month}"
    assert grant_credit(SYSTEM, third, month) is not None
    was = balance(account.format(third.pk))
    made = merge(SYSTEM, other, third, reason="看过户口簿", score=1, why=[])
    settle(SYSTEM)
    assert balance(account.format(third.pk)) == 0
    assert balance(account.format(other.pk)) == was > 0
    parted(made)
    assert balance(account.format(third.pk)) == was
    assert balance(account.format(other.pk)) == total() == 0


def test_two_credits_of_one_month_are_one(cast: Cast, other: Elder) -> None:
    month, third = clock.month_of(clock.today()), make_elder("王桂英", 78)
    account = f"elder:{{}}:credit:{month}"
    for elder in (other, third):
        assert grant_credit(SYSTEM, elder, month) is not None
    was = balance(account.format(other.pk))
    merge(SYSTEM, other, third, reason="看过户口簿", score=1, why=[])
    settle(SYSTEM)
    assert balance(account.format(third.pk)) == 0
    assert balance(account.format(other.pk)) == was
    assert total() == 0


@pytest.mark.parametrize("cancelled", [False, True])
def test_two_credits_of_one_month_of_which_one_is_used_are_one_and_two_again(
    cast: Cast, other: Elder, cancelled: bool
) -> None:
    month = clock.month_of(tomorrow(9))
    grant_credit(SYSTEM, cast.mother, month)
    order = placed(cast)
    account = f"elder:{{}}:credit:{month}"
    survivor = make_elder("王桂英", 78)
    assert grant_credit(SYSTEM, survivor, month) is not None
    whole = balance(account.format(survivor.pk))
    left = balance(account.format(cast.mother.pk))
    assert whole > left
    made = merge(SYSTEM, survivor, cast.mother, reason="看过户口簿", score=1, why=[])
    settle(SYSTEM)
    settle(SYSTEM)
    stands, gone = (account.format(one) for one in (made.survivor_id, made.elder_id))
    assert (balance(stands), balance(gone)) == (left, 0)
    if cancelled:
        cancel(SYSTEM, order.pk, "不要了")
        assert balance(stands) == whole
    parted(made)
    settle(SYSTEM)
    hers = whole if cancelled else left
    assert balance(account.format(cast.mother.pk)) == hers
    assert balance(account.format(survivor.pk)) == whole
    assert total() == 0


def died(elder: Elder) -> None:
    """The police report a death."""
    day = clock.today() - timedelta(days=1)
    record_facts(SYSTEM, elder, [NewFact("death", str(day))], source="gongan")
    follow_turns(SYSTEM)


def lives(elder: Elder) -> None:
    """The police take it back."""
    withdraw(SYSTEM, elder, "death", "gongan", "", reason="登记错了人")
    follow_turns(SYSTEM)


def credited(month: str, *elders: Elder) -> list[int]:
    """What stands on the credit of each in a month, once it was given."""
    for elder in elders:
        grant_credit(SYSTEM, elder, month)
    return credit(month, *elders)


def credit(month: str, *elders: Elder) -> list[int]:
    """What stands on the credit of each in a month."""
    return [balance(f"elder:{one.pk}:credit:{month}") for one in elders]


def of_credit(state: FollowedState) -> list[int]:
    """Whose credits followed a turn of life, by what became of them."""
    rows = Followed.objects.filter(what="grant", state=state).order_by("pk")
    return list(rows.values_list("elder_id", flat=True))


@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize("carried", [False, True])
def test_a_credit_comes_back_after_a_merge_and_a_death_that_both_were_none(
    cast: Cast, other: Elder, carried: bool, later: bool
) -> None:
    """What the merge ended, too; and it is on somebody's list once its month is over."""
    month, third = clock.month_of(clock.today()), make_elder("王桂英", 78)
    was = credited(month, other, third)
    made = merge(SYSTEM, other, third, reason="看过户口簿", score=1, why=[])
    settle(SYSTEM)
    died(third)
    if carried:
        settle(SYSTEM)
        follow_turns(SYSTEM)
        assert credit(month, other, third) == [0, 0]
    parted(made)
    follow_turns(SYSTEM)
    other.refresh_from_db()
    assert (other.died_on, credit(month, other, third)) == (None, [was[0], 0])
    over = clock.now() + timedelta(days=40 if later else 0)
    with clock.moved_to(over):
        lives(third)
    assert credit(month, third) == ([0] if later else was[1:])
    assert of_credit(FollowedState.TO_DO) == [third.pk for _ in range(later)]
    assert total() == 0


def test_a_credit_whose_merge_is_undone_when_its_month_is_over_is_on_somebodys_list(
    cast: Cast, other: Elder
) -> None:
    month, third = clock.month_of(clock.today()), make_elder("王桂英", 78)
    credited(month, other, third)
    made = merge(SYSTEM, other, third, reason="看过户口簿", score=1, why=[])
    settle(SYSTEM)
    with clock.moved_to(clock.now() + timedelta(days=40)):
        parted(made)
        settle(SYSTEM)
    assert of_credit(FollowedState.TO_DO) == [third.pk]
    assert total() == 0


@pytest.mark.parametrize("back", ["withdrawn", "undone", "both"])
def test_a_credit_that_came_to_a_dead_survivor_comes_back(
    cast: Cast, other: Elder, back: str
) -> None:
    month, third = clock.month_of(clock.today()), make_elder("王桂英", 78, id_number="")
    (was,) = credited(month, third)
    died(other)
    other.refresh_from_db()
    made = merge(SYSTEM, other, third, reason="看过户口簿", score=1, why=[])
    assert made.survivor == other
    settle(SYSTEM)
    follow_turns(SYSTEM)
    assert credit(month, other, third) == [0, 0]
    if back != "undone":
        lives(other)
        assert credit(month, other, third) == [was, 0]
    if back != "withdrawn":
        parted(made)
        follow_turns(SYSTEM)
        assert credit(month, other, third) == [0, was]
    assert total() == 0
