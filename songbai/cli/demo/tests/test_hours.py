"""The demo can be built whatever the clock says, and nowhere but in the demo."""

import os

import pytest
from django.conf import settings

from songbai.cli.demo import build
from songbai.core import clock
from songbai.domain.elders.models import Elder
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OrderState

from .conftest import Built

#: The first minutes of a month each time; its last ones as well with ``SONGBAI_THOROUGH=1``.
MOMENTS = [(1, 0, 5), (28, 23, 55)] if os.environ.get("SONGBAI_THOROUGH") == "1" else [(1, 0, 5)]


@pytest.mark.django_db
def test_the_demo_is_refused_outside_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DEMO", False)
    with pytest.raises(build.NotTheDemo):
        build.build_demo(size=100, days=1)


@pytest.mark.slow
@pytest.mark.parametrize(("day", "hour", "minute"), MOMENTS, ids=str)
def test_it_can_be_built_at_any_hour_of_any_day(
    day: int, hour: int, minute: int, built: Built
) -> None:
    with built(clock.at(clock.today().replace(day=day), hour, minute), 900, 3):
        assert not Order.objects.filter(placed_at__gt=clock.now()).exists()
        assert not Order.objects.filter(
            state=OrderState.ACCEPTED, window_start__lt=clock.now()
        ).exists()
        assert Elder.objects.filter(died_on=None).count() >= 890
