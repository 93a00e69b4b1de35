"""Now, days and months, always of Shanghai."""

import os
import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from procrastinate.contrib.django import app

from songbai.core import clock
from songbai.core.sql import value

DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        (datetime(2026, 1, 31, 15, 59, tzinfo=UTC), "2026-01"),
        (datetime(2026, 1, 31, 16, 0, tzinfo=UTC), "2026-02"),
        (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), "2026-01"),
        (date(2026, 2, 28), "2026-02"),
    ],
)
def test_a_month_begins_at_midnight_in_shanghai(moment: datetime | date, month: str) -> None:
    assert clock.month_of(moment) == month


def test_today_is_the_date_in_shanghai() -> None:
    with clock.moved_to(datetime(2026, 3, 1, 17, 0, tzinfo=UTC)):
        assert clock.today() == date(2026, 3, 2)


def test_now_is_aware_and_in_utc() -> None:
    assert clock.now().tzinfo is UTC


def test_a_moved_clock_comes_back() -> None:
    before = clock.now()
    with clock.moved_to(before + timedelta(days=3)):
        with clock.moved_to(before - timedelta(days=3)):
            assert clock.now() < before
        assert clock.now() > before + timedelta(days=2)
    assert clock.now() - before < timedelta(minutes=1)


def test_a_moved_clock_comes_back_after_an_error() -> None:
    before = clock.now()
    with pytest.raises(ZeroDivisionError), clock.moved_to(before + timedelta(days=3)):
        raise ZeroDivisionError
    assert clock.now() - before < timedelta(minutes=1)


@pytest.mark.parametrize("given", ["2028-02-29", "2028-02-29T23:50"])
def test_a_process_can_be_given_a_day_of_its_own_and_hands_it_on(given: str) -> None:
    said = run_with(
        given, "print(clock.now().isoformat()); print(os.environ['SONGBAI_CLOCK_AHEAD'])"
    )
    begun, ahead = said.split()
    late = datetime.fromisoformat(begun) - datetime.fromisoformat(given).replace(
        tzinfo=clock.SHANGHAI
    )
    assert timedelta(0) <= late < timedelta(minutes=1)
    child = run_with("2001-01-01", "print(clock.now().isoformat())", SONGBAI_CLOCK_AHEAD=ahead)
    assert timedelta(0) <= datetime.fromisoformat(child.strip()) - datetime.fromisoformat(begun)


def test_pages_of_a_day_of_its_own_say_times_of_shanghai() -> None:
    script = """
from django.conf import settings; from django.utils import timezone
settings.configure(TIME_ZONE='Asia/Shanghai'); timezone.datetime = clock.OwnDatetime
print(timezone.template_localtime(clock.at(clock.today(), 19).astimezone(clock.UTC)).hour)
"""
    assert run_with("2028-02-29", script) == "19\n"


def test_a_day_that_is_none_stops_the_start() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        run_with("2027-02-29", "pass")


def run_with(today: str, script: str, **more: str) -> str:
    """What a process prints that is given a day."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("SONGBAI_")}
    return subprocess.run(
        [sys.executable, "-c", f"import os; from songbai.core import clock\n{script}"],
        env=env | {"SONGBAI_TODAY": today} | more,
        check=True,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ).stdout


@given(DAYS)
def test_a_day_has_twenty_four_hours(day: date) -> None:
    start, end = clock.day_bounds(day)
    assert end - start == timedelta(hours=24)
    assert start.astimezone(clock.SHANGHAI).date() == day


@given(DAYS, st.integers(0, 23), st.integers(0, 59))
def test_a_wall_clock_time_lies_in_its_day(day: date, hour: int, minute: int) -> None:
    moment = clock.at(day, hour, minute)
    start, end = clock.day_bounds(day)
    assert start <= moment < end
    assert clock.month_of(moment) == f"{day:%Y-%m}"


@given(DAYS)
def test_a_month_holds_all_its_days_and_no_other(day: date) -> None:
    first, next_first = clock.month_bounds(f"{day:%Y-%m}")
    assert first <= day < next_first
    assert first.day == next_first.day == 1
    assert 28 <= (next_first - first).days <= 31


@pytest.mark.parametrize("words", ["2026", "2026-13", "", "月", "2026-01-01"])
def test_what_is_no_month_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match=r"time data|unconverted"):
        clock.month_bounds(words)


#: A time of day written for people by another rule than ``clock.shown``.
OWN_FORM = re.compile(r"(?<!%d )(?<!%d)(?<![T-])%H:%M|[.]hour}:|[.]minute:02d}")
HOUSE = Path(clock.__file__).parents[1]


def test_times_of_day_are_written_in_one_form() -> None:
    files = [path for path in HOUSE.rglob("*.py") if not {"tests", "migrations"} & {*path.parts}]
    other = [path.name for path in files if OWN_FORM.search(path.read_text("utf-8"))]
    assert other == ["clock.py"]
    moment = clock.at(date(2026, 11, 30), 7, 15)
    assert (clock.shown(moment), clock.minutes_between(moment, moment)) == ("7:15", 0)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (clock.daily(3), "0 19 * * *"),
        (clock.daily(9, 30), "30 1 * * *"),
        (clock.daily(2, 40, "sun"), "40 18 * * sat"),
        (clock.daily(1, 40, "mon"), "40 17 * * sun"),
        (clock.daily(8, 0, "mon"), "0 0 * * mon"),
    ],
)
def test_the_queue_is_told_in_utc_what_is_meant_in_shanghai(line: str, told: str) -> None:
    assert line == told


def test_what_is_done_once_a_day_is_done_while_shanghai_sleeps() -> None:
    noon = clock.at(date(2026, 11, 29), 12).timestamp()
    hours = {
        name: datetime.fromtimestamp(
            one.croniter.get_next(ret_type=float, start_time=noon), clock.SHANGHAI
        ).hour
        for (name, _), one in app.periodic_registry.periodic_tasks.items()
        if one.cron.split()[1] != "*"
    }
    assert len(hours) >= 10
    assert {name: hour for name, hour in hours.items() if hour > 5} == {}


@pytest.mark.django_db(transaction=True)
def test_the_database_has_the_clock_of_a_program_that_moved_while_they_were_apart() -> None:
    def apart() -> timedelta:
        said: datetime = value("SELECT songbai_now()")
        return abs(said - clock.now())

    assert apart() < timedelta(minutes=1)
    connection.close()
    with clock.moved_to(clock.now() + timedelta(days=3)):
        assert apart() < timedelta(minutes=1)
        connection.close()
    assert apart() < timedelta(minutes=1)
