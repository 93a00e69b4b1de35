"""An elder is in one place at a time: what is ordered for her twice over is asked about first."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.catalogue.actions import make_offer
from songbai.domain.orders.actions import cancel, place
from songbai.domain.orders.errors import LikeOrder
from songbai.domain.orders.rules import Wanted
from tests.acts import placed, wanted
from tests.cast import Cast, acting, tomorrow

NOON = clock.at(clock.day_of("2028-02-29"), 12)
VISITS = st.builds(
    lambda begin, wide, minutes: Wanted(
        ("a",),
        NOON + timedelta(minutes=begin),
        NOON + timedelta(minutes=begin + wide),
        minutes,
    ),
    st.integers(0, 300),
    st.integers(30, 240),
    st.integers(10, 240),
)


@given(VISITS, VISITS)
def test_what_is_not_asked_about_can_be_given_one_after_the_other(one: Wanted, two: Wanted) -> None:
    assert one.crosses(two) == two.crosses(one)
    first, second = sorted([one, two], key=lambda visit: visit.end)
    apart = first.begin + timedelta(minutes=first.minutes) <= second.end
    swapped = second.begin + timedelta(minutes=second.minutes) <= first.end
    assert one.crosses(two) or ((apart or swapped) and first.end <= second.begin)


def cleaning_of_another(cast: Cast) -> int:
    """The offer of a provider that knows nothing of the first one's orders."""
    offer = make_offer(SYSTEM, cast.other_provider, cast.cleaning.item, 5_000, ["500151"])
    return offer.pk


@pytest.mark.parametrize("hours", [(9, 11), (10, 12), (8, 12)])
def test_two_providers_at_one_time_are_asked_about(cast: Cast, hours: tuple[int, int]) -> None:
    bath = placed(cast)
    other = wanted(
        cast,
        offer_ids=[cleaning_of_another(cast)],
        window_start=tomorrow(hours[0]),
        window_end=tomorrow(hours[1]),
        again=False,
    )
    with acting(cast.dispatcher):
        with pytest.raises(LikeOrder, match="那个时间已经有人上门") as asked:
            place(cast.dispatcher, other)
        assert asked.value.orders == [bath]
        cancel(cast.dispatcher, bath.pk, "不需要了")
        assert place(cast.dispatcher, other).provider == cast.other_provider


def test_windows_apart_whose_visits_cannot_be_are_asked_about(cast: Cast) -> None:
    half = timedelta(minutes=30)
    early, offers = tomorrow(9) + half, [cleaning_of_another(cast)]
    both = [cast.bath.pk, cast.cleaning.pk]
    bath = placed(cast, offer_ids=both, window_start=tomorrow(9), window_end=early)
    assert bath.minutes > 60
    with acting(cast.daughter):
        new = wanted(
            cast, offer_ids=offers, window_start=early, window_end=early + half, again=False
        )
        with pytest.raises(LikeOrder):
            place(cast.daughter, new)


def test_an_order_for_two_caregivers_is_one_order(cast: Cast) -> None:
    item = cast.bath.item
    item.caregivers = 2
    item.save(update_fields=["caregivers"])
    with acting(cast.daughter):
        assert place(cast.daughter, wanted(cast, again=False)).caregivers == 2
