"""Days and months in addresses: what nobody can mean is no day, and no page falls over it."""

import re
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from songbai.core import clock
from songbai.web.asked import DayField, month_asked
from songbai.web.conftest import LogIn
from tests.cast import Cast

pytestmark = pytest.mark.long

FAR = ["9999-12-31", "0001-01-01", "2201-01-01"]


@pytest.mark.parametrize("text", FAR)
def test_a_day_out_of_every_life_is_no_day(text: str) -> None:
    with pytest.raises(ValueError, match="not a day"):
        clock.day_of(text)
    with pytest.raises(ValueError, match="not a month"):
        clock.month_bounds(text[:7])
    assert month_asked({"month": text[:7]}, ahead=True) == clock.month_of(clock.today())
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
