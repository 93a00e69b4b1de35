"""Working days: what is known, what is assumed, and who is told in time."""

from datetime import date, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from songbai.core import working_days
from songbai.core.working_days import after, calendar, doubt, is_working, warning

SONGBAI = Path(working_days.__file__).parents[1]


@pytest.mark.parametrize(
    ("day", "works"),
    [(date(2026, 10, 1), False), (date(2026, 10, 10), True), (date(2026, 10, 11), False)],
)
def test_holidays_and_worked_weekends_are_known(day: date, works: bool) -> None:
    assert is_working(day) is works


def test_past_the_files_end_weekdays_are_counted_and_the_page_says_so() -> None:
    last = calendar().last
    day = after(last, 15)
    assert (day - last).days >= 19
    assert doubt(last) == ""
    assert f"{day.year} 年的放假安排还没有录入" in doubt(day)
    assert "working_days.yaml" in doubt(day)


def test_the_bureau_is_warned_a_month_ahead_and_until_the_file_comes() -> None:
    last = calendar().last
    assert warning(last - timedelta(days=31)) == ""
    for near in (last - timedelta(days=30), last, last + timedelta(days=90)):
        assert f"{last.year + 1} 年的放假和调休" in warning(near)
        assert ("现在已经是" in warning(near)) == (near > last)


def test_the_file_that_comes_makes_deadlines_later_and_never_earlier() -> None:
    known = calendar()
    begun = date(known.last.year + 1, 9, 30)
    holidays = frozenset(begun + timedelta(days=n) for n in range(1, 8))
    before = after(begun, 15)
    longer = working_days.Calendar(known.off | holidays, known.worked, begun.replace(day=1))
    with patch.object(working_days, "calendar", lambda: longer):
        assert after(begun, 15) > before


@pytest.mark.parametrize(
    ("closed", "worked", "says"),
    [
        ([[date(2027, 10, 7), date(2027, 10, 1)]], [], "the wrong way round"),
        ([[date(2027, 10, 1), date(2027, 10, 7)]], [date(2027, 10, 2)], "is off and worked"),
    ],
)
def test_days_that_cannot_be_are_refused(
    closed: list[list[date]], worked: list[date], says: str
) -> None:
    raw = {"format": working_days.FORMAT, "years": {2027: {"closed": closed, "worked": worked}}}
    with pytest.raises(ValueError, match=says):
        working_days.parse(raw)


def test_nobody_else_counts_working_days() -> None:
    others = [
        path
        for path in SONGBAI.rglob("*.py")
        if "working_days.yaml" in path.read_text("utf-8") and "tests" not in path.parts
    ]
    assert [path.name for path in others] == ["working_days.py"]
