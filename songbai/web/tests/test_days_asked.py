"""Days and months in addresses: what nobody can mean is no day, and no page falls over it."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from songbai.core import clock
from songbai.web.asked import DayField
from tests.cast import Cast
from tests.doors import LogIn

pytestmark = pytest.mark.long

FAR = ["9999-12-31", "0001-01-01", "2201-01-01"]


@pytest.mark.parametrize("text", FAR)
def test_a_day_out_of_every_life_is_no_day(text: str) -> None:
    with pytest.raises(ValueError, match="not a day"):
        clock.day_of(text)
    with pytest.raises(ValueError, match="not a month"):
        clock.month_bounds(text[:7])
    assert DayField(required=False).clean("") is None
    assert clock.day_of("2026-02-28") == date(2026, 2, 28)


@pytest.mark.parametrize("text", FAR)
@pytest.mark.parametrize(
    ("who", "url"),
    [
        ("dispatcher", "/desk/?date={day}"),
        ("caregiver", "/caregiver/?date={day}"),
        ("provider_staff", "/provider/?day={day}"),
        ("provider_staff", "/provider/statement/?month={month}"),
        ("daughter", "/family/order/quote/?offer={offer}&date={day}"),
        ("officer", "/bureau/elders/{elder}/benefits/?month={month}"),
        ("officer", "/bureau/audit/?day={day}"),
    ],
)
def test_no_page_falls_over_such_a_day(
    cast: Cast, log_in: LogIn, who: str, url: str, text: str
) -> None:
    client = log_in(getattr(cast, who))
    asked = url.format(day=text, month=text[:7], offer=cast.bath.pk, elder=cast.mother.pk)
    assert client.get(asked).status_code in {200, 404}


MONTHS = [
    ("officer", "/bureau/"),
    ("officer", "/bureau/money/"),
    ("officer", "/bureau/orders/"),
    ("officer", "/bureau/credits/"),
    ("officer", "/bureau/ledger/"),
    ("officer", "/bureau/elders/{elder}/benefits/"),
    ("officer", "/bureau/elders/{elder}/counter/"),
    ("caregiver", "/caregiver/hours/"),
]
DAYS = [
    ("dispatcher", "/desk/", "date"),
    ("dispatcher", "/desk/orders/new/?elder={elder}", "day"),
    ("caregiver", "/caregiver/", "date"),
    ("provider_staff", "/provider/", "day"),
    ("provider_staff", "/provider/vehicles/", "day"),
]


@pytest.mark.parametrize("asked", ["2026-13", "9999-12", "x"])
@pytest.mark.parametrize(("who", "url"), MONTHS)
def test_a_month_that_is_none_is_said(
    cast: Cast, log_in: LogIn, who: str, url: str, asked: str
) -> None:
    client, page = log_in(getattr(cast, who)), url.format(elder=cast.mother.pk)
    assert f"没有“{asked}”这个月，先看本月的" in client.get(page, {"month": asked}).content.decode()
    assert "先看本月的" not in client.get(page).content.decode()


def test_a_month_still_to_come_is_said_where_none_can_be_seen(cast: Cast, log_in: LogIn) -> None:
    coming = clock.month_of(clock.today() + timedelta(days=62))
    text = log_in(cast.officer).get("/bureau/", {"month": coming}).content.decode()
    assert "月还没有到，先看本月的" in text


@pytest.mark.parametrize("asked", ["2026-02-30", "9999-12-31", "x"])
@pytest.mark.parametrize(("who", "url", "name"), DAYS)
def test_a_day_that_is_none_is_said(
    cast: Cast, log_in: LogIn, who: str, url: str, name: str, asked: str
) -> None:
    client, page = log_in(getattr(cast, who)), url.format(elder=cast.mother.pk)
    said = f"没有“{asked}”这一天，先看今天的"
    page += "&" if "?" in page else "?"
    assert client.get(f"{page}{name}={asked}").content.decode().count(said) == 1
    assert "先看今天的" not in client.get(page).content.decode()


def test_pages_read_days_by_one_way() -> None:
    files = Path(settings.ROOT, "songbai", "web").rglob("*.py")
    found = [
        file.name
        for file in files
        if "tests" not in file.parts
        and file.name != "asked.py"
        and re.search(r"forms\.DateField\(|date\.fromisoformat\(", file.read_text("utf-8"))
    ]
    assert found == []
