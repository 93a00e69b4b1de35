"""A small district has its van and its bike on every day of the week."""

from datetime import timedelta

import pytest

from songbai.cli.demo import crew, fleet, network
from songbai.cli.demo.geography import TONGLIANG
from songbai.core import clock
from songbai.domain.providers.rules import VehicleKind

SCALE, DAYS = 0.018, 3


@pytest.mark.parametrize("ahead", range(7))
def test_both_have_a_driver_today_and_tomorrow(ahead: int) -> None:
    today = clock.today() + timedelta(days=ahead)
    places = network.build(TONGLIANG, 7, today, SCALE, 0)
    members = crew.hire(places, TONGLIANG, 7, today, SCALE, 0, DAYS)
    rows = fleet.assemble(places, members, SCALE, DAYS)
    assert {row.vehicle.kind for row in rows} == set(VehicleKind)
    assert members.works[[row.driver for row in rows], DAYS : DAYS + 2].all()
