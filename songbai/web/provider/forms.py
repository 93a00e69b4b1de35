"""What somebody asks of the provider's lists, read from the address."""

from __future__ import annotations

from datetime import date

from django import forms

from songbai.core import clock
from songbai.domain.orders.rules import OrderState, Payer


class ListForm(forms.Form):
    """Filters of the order list; what nobody can mean counts as not asked."""

    day = forms.DateField(required=False)
    state = forms.ChoiceField(required=False, choices=[(s.value, s.value) for s in OrderState])
    q = forms.CharField(required=False, max_length=20)
    town = forms.RegexField(r"^\d{9,12}$", required=False)

    def chosen(self) -> dict[str, str]:
        """The valid filters that are set, for links."""
        self.is_valid()
        given = {name: self.cleaned_data.get(name) for name in self.fields}
        return {name: str(value) for name, value in given.items() if value}

    def the_day(self) -> date:
        """The day of the list."""
        self.is_valid()
        asked: date | None = self.cleaned_data.get("day")
        return asked or clock.today()


class VehicleForm(forms.Form):
    """A shift and the vehicle it is given, on the day that is shown."""

    shift = forms.IntegerField(min_value=1)
    vehicle = forms.IntegerField(min_value=1, required=False)
    day = forms.DateField(required=False)

    def the_day(self) -> date:
        """The day the page shows."""
        self.is_valid()
        asked: date | None = self.cleaned_data.get("day")
        return asked or clock.today()


class RowsForm(forms.Form):
    """Which number of the statement somebody opened."""

    payer = forms.ChoiceField(required=False, choices=[(p.value, p.value) for p in Payer])
    state = forms.ChoiceField(
        required=False, choices=[(word, word) for word in ("done", "settled", "ledger")]
    )

    def who_pays(self) -> Payer | None:
        """The payer, None for all."""
        asked = self._asked("payer")
        return Payer(asked) if asked else None

    def which(self) -> str:
        """done, settled, ledger, or "" for everything earned."""
        return self._asked("state")

    def _asked(self, name: str) -> str:
        self.is_valid()
        asked: str = self.cleaned_data.get(name) or ""
        return asked
