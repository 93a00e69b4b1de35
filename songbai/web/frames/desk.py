"""What every page of the desk shares: the day, numbers in an address, the screen's address."""

from datetime import date

from django import forms
from django.urls import reverse
from django.utils.http import urlencode

from songbai.core import clock
from songbai.web.asked import DayField

Day = date  # a form below has a field of that name


class DateForm(forms.Form):
    """The day a page shows."""

    date = DayField(required=False)

    def day(self) -> Day:
        """The asked day; today for none and for anything that is not a day."""
        asked: Day | None = self.cleaned_data["date"] if self.is_valid() else None
        return asked or clock.today()


def address(day: date, **more: str | int) -> str:
    """The screen on a day."""
    return f"{reverse('desk:overview')}?{urlencode({'date': day.isoformat(), **more})}"
