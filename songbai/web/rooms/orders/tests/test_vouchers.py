"""What a family sees of vouchers: what is left, and their part of a price."""

import re
from datetime import timedelta

from django.test import Client
from django.urls import reverse

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.benefits.tests.facts import may_use_vouchers
from songbai.domain.benefits.tests.giving import grant_voucher
from songbai.web.rooms.orders.tests.household import placed
from tests.cast import Cast, tomorrow


def granted(cast: Cast) -> None:
    """Vouchers of this month and of tomorrow's."""
    may_use_vouchers(cast.mother)
    for month in {clock.month_of(clock.now()), clock.month_of(tomorrow(9))}:
        grant_voucher(SYSTEM, cast.mother, month)


def test_the_first_page_says_what_is_left_and_that_it_is_not_verified(
    cast: Cast, daughter: Client
) -> None:
    granted(cast)
    text = daughter.get(reverse("family:home")).content.decode()
    assert "最多还能用 800 元" in text
    assert "电子券付 50%" in text
    assert "比例和上限未核实" in text


def test_who_has_none_sees_nothing_of_it(daughter: Client) -> None:
    assert "电子券" not in daughter.get(reverse("family:home")).content.decode()


def test_the_price_is_split_before_and_after_ordering(cast: Cast, daughter: Client) -> None:
    granted(cast)
    day = str(clock.today() + timedelta(days=1))
    quote = daughter.get(reverse("family:quote"), {"offer": str(cast.bath.pk), "date": day})
    text = quote.content.decode()
    assert "消费补贴电子券付</span><b>12.50 元" in text
    assert re.search(r"付完\d+ 月电子券还剩</span><b>787.50 元", text)
    assert 'name="expected_own" value="1250"' in text
    order = placed(cast)
    page = daughter.get(reverse("family:order", args=[order.pk])).content.decode()
    assert page.index("居家服务额度") < page.index("消费补贴电子券") < page.index("自己付")
