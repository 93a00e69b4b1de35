"""Giving the monthly credit: once, to whom it is owed."""

from datetime import date, timedelta

import pytest

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.errors import NotAllowed
from songbai.core.ledger.queries import balance, total
from songbai.domain.benefits.actions.lapsing import end_early, give_again
from songbai.domain.benefits.actions.paying import pay
from songbai.domain.benefits.bank import RecordingBank
from songbai.domain.benefits.models import CreditGrant
from songbai.domain.benefits.queries import grant_of, month_credit
from songbai.domain.benefits.queries.figures import (
    granted_by_division,
    granted_by_month,
    granted_under,
)
from songbai.domain.benefits.rules import spending_policy
from songbai.domain.benefits.rules.policy import Channel
from songbai.domain.benefits.tests.giving import credit_left, grant_credit
from tests.acts import placed
from tests.cast import Cast, acting

#: A month for which the cast has no credit yet.
MONTH = clock.month_of(clock.today() + timedelta(days=70))


def test_a_credit_is_given_once_a_month(cast: Cast) -> None:
    first = grant_credit(SYSTEM, cast.neighbour, MONTH)
    assert grant_credit(SYSTEM, cast.neighbour, MONTH) == first
    assert credit_left(cast.neighbour, MONTH) == 20_000
    assert total() == 0


def test_the_district_pays(cast: Cast) -> None:
    grant_credit(SYSTEM, cast.neighbour, MONTH)
    grant_credit(SYSTEM, cast.mother, MONTH)
    assert balance(f"fund:500151:credit:{MONTH}") == -40_000


def test_what_a_death_takes_back_is_said_beside_what_was_given(cast: Cast) -> None:
    grant_credit(SYSTEM, cast.mother, MONTH)
    grant = grant_credit(SYSTEM, cast.neighbour, MONTH)
    assert grant is not None
    end_early(SYSTEM, grant)
    for back, words in ((20_000, "其中 1 人 200 元已收回"), (0, "")):
        with acting(cast.officer):
            month = granted_by_month(cast.officer, "500151", [MONTH])[MONTH]
            [town] = granted_by_division(cast.officer, "500151", MONTH, 9).values()
            policy = spending_policy(Channel.CREDIT, MONTH, cast.mother.region_id)
            whole = granted_under(cast.officer, policy, MONTH, "500151")
        assert month == town == whole
        assert (month.fen, month.grants, month.back_fen) == (40_000, 2, back)
        assert month.back_words == words
        own = month_credit(cast.neighbour, MONTH)
        assert (own.used, own.lapsed) == (0, back)
        assert balance(f"fund:500151:credit:{MONTH}") == month.back_fen - month.fen
        assert give_again(SYSTEM, grant.pk)


def test_the_grant_says_why(cast: Cast) -> None:
    grant_credit(SYSTEM, cast.neighbour, MONTH)
    grant = grant_of(cast.neighbour, MONTH)
    assert grant is not None
    assert grant.group_name == "低保，满 70 周岁"
    assert grant.policy == "tongliang-home-service"


def test_who_is_too_young_gets_none(cast: Cast) -> None:
    cast.neighbour.birth_date = date(1965, 1, 1)
    assert grant_credit(SYSTEM, cast.neighbour, MONTH) is None
    assert not CreditGrant.objects.filter(elder=cast.neighbour).exists()


def test_another_district_has_its_own_policy(cast: Cast) -> None:
    assert grant_credit(SYSTEM, cast.far_elder, MONTH) is None


def test_a_month_that_is_none_is_refused(cast: Cast) -> None:
    with pytest.raises(ValueError, match="does not match"):
        grant_credit(SYSTEM, cast.neighbour, "2027/03")


def test_nobody_gives_credits_by_hand(cast: Cast) -> None:
    for actor in (cast.officer, cast.daughter):
        with pytest.raises(NotAllowed):
            pay(actor, RecordingBank(), 0)


def test_a_later_change_of_facts_does_not_take_a_credit_back(cast: Cast) -> None:
    grant_credit(SYSTEM, cast.neighbour, MONTH)
    cast.neighbour.hardship = "none"
    cast.neighbour.living = "with_children"
    assert month_credit(cast.neighbour, MONTH).granted == 20_000


def test_what_was_spent_is_no_longer_left(cast: Cast) -> None:
    order = placed(cast)
    with acting(cast.daughter):
        month = month_credit(cast.mother, order.month)
    assert (month.granted, month.left) == (20_000, 0)
    assert month.group == "低保，满 70 周岁"


def test_each_month_has_its_own_credit(cast: Cast) -> None:
    order = placed(cast)
    grant_credit(SYSTEM, cast.mother, MONTH)
    assert (credit_left(cast.mother, order.month), credit_left(cast.mother, MONTH)) == (0, 20_000)


def test_without_a_grant_the_group_is_still_named(cast: Cast) -> None:
    mother = month_credit(cast.mother, MONTH)
    assert (mother.granted, mother.left, mother.group) == (0, 0, "低保，满 70 周岁")
    assert month_credit(cast.far_elder, MONTH).group == ""


def test_a_credit_grant_is_seen_by_family_and_officer_only(cast: Cast) -> None:
    for name, count in {
        "daughter": 1,
        "officer": 1,
        "stranger_family": 0,
        "far_officer": 0,
    }.items():
        with acting(getattr(cast, name)):
            assert CreditGrant.objects.count() == count, name
