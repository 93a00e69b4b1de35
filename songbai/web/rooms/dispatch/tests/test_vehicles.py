"""A day with a bath van on the desk: who has it, what must be brought, where it is filled up."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.catalogue.actions import make_offer
from songbai.domain.catalogue.models import Offer, ServiceItem
from songbai.domain.dispatch.actions import plan
from songbai.domain.providers.models import Shift
from songbai.web.rooms.dispatch.desk.gantt import Block, Gantt, Line
from songbai.web.rooms.dispatch.tests.test_desk import HTMX, day, log_in
from tests.acts import placed
from tests.cast import Cast, acting, make_vehicle, tomorrow

pytestmark = pytest.mark.usefixtures("kernels")


@pytest.fixture
def desk(client: Client, cast: Cast) -> Client:
    return log_in(client, cast.dispatcher)


@pytest.fixture
def offer(cast: Cast) -> Offer:
    item = ServiceItem.objects.get(pk="A05-04")
    return make_offer(SYSTEM, cast.provider, item, 8_000, ["500151"])


def on_the_road(cast: Cast) -> None:
    """Li Fang has the van tomorrow."""
    later = clock.today() + timedelta(days=1)
    van = make_vehicle(cast.provider)
    Shift.objects.filter(staff=cast.staff, date=later).update(vehicle=van)


def bath(cast: Cast, offer: Offer, hour: int) -> int:
    window = {"window_start": tomorrow(hour), "window_end": tomorrow(hour, 30)}
    return placed(cast, offer_ids=[offer.pk], **window).pk


def gantt(desk: Client) -> str:
    return desk.get(reverse("desk:gantt"), {"date": day()}).content.decode()


def test_the_route_shows_the_van_and_where_it_is_filled_up(
    desk: Client, cast: Cast, offer: Offer
) -> None:
    on_the_road(cast)
    for hour in (9, 11, 14):
        bath(cast, offer, hour)
    with acting(cast.dispatcher):
        plan(cast.dispatcher, tomorrow(9).date())
    page = gantt(desk)
    assert "助浴车</span>" in page
    [stop] = re.findall(r'<span class="blk fill" style="--s:([\d.]+);--e:([\d.]+)"', page)
    begin, end = map(float, stop)
    assert 12 <= begin < end <= 14
    assert end - begin == pytest.approx(20 / 60, abs=0.02)
    assert "李芳 12:00 去加水，约 20 分钟" in page


def test_visits_close_together_are_drawn_wide_enough_to_be_hit_apart() -> None:
    starts = (9.0, 9.25, 11.0)
    blocks = [Block(1, 1, "1", "plan", "", start, start + 0.25, "") for start in starts]
    for shown, wide in ((blocks, 104), (blocks[1:], 58), (blocks[:1], 58)):
        drawn = Gantt([Line(1, 1, "", "", blocks=shown)], 1, 0, None, range(7, 17))
        assert drawn.hour_px == wide


def test_the_order_says_what_must_be_brought_and_why_nobody_goes(
    desk: Client, cast: Cast, offer: Offer
) -> None:
    number = bath(cast, offer, 9)
    page = desk.get(reverse("desk:order", args=[number]), headers=HTMX).content.decode()
    assert "<dt>要带的车</dt><dd>助浴车</dd>" in page
    assert "只有带助浴车的人能做，当天有资格的人都没带" in page
    on_the_road(cast)
    page = desk.get(reverse("desk:order", args=[number]), headers=HTMX).content.decode()
    assert "带助浴车，有" in page
    assert 'aria-label="派李芳"' in page
    assert 'aria-label="派张芬"' not in page
