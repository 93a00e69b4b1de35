"""What every page of the desk shares: the day, the address of the screen, people in a row."""

from __future__ import annotations

from datetime import date

from django import forms
from django.urls import reverse
from django.utils.http import urlencode

from songbai.core import clock
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import age
from songbai.domain.elders.rules import mask_name
from songbai.domain.orders.models import Order


def who(elder: Elder) -> str:
    """王*英，84 岁."""
    return f"{mask_name(elder.name)}，{age(elder)} 岁"


Day = date  # a form below has a field of that name


class DateForm(forms.Form):
    """The day a page shows."""

    date = forms.DateField(required=False)

    def day(self) -> Day:
        """The asked day; today for none and for anything that is not a day."""
        asked: Day | None = self.cleaned_data["date"] if self.is_valid() else None
        return asked or clock.today()


def number(text: str) -> int:
    """A number of the address; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def address(day: date, **more: str | int) -> str:
    """The screen on a day."""
    return f"{reverse('desk:overview')}?{urlencode({'date': day.isoformat(), **more})}"


def of_order(order: Order) -> str:
    """The screen with an order open, on the order's day."""
    return address(order.window_start.astimezone(clock.SHANGHAI).date(), order=order.pk)
