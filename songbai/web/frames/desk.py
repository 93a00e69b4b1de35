"""What every page of the desk shares: the screen's address."""

from datetime import date

from django.urls import reverse
from django.utils.http import urlencode


def address(day: date, **more: str | int) -> str:
    """The screen on a day."""
    return f"{reverse('desk:overview')}?{urlencode({'date': day.isoformat(), **more})}"
