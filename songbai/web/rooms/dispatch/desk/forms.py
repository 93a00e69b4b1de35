"""What a dispatcher types."""

from datetime import date, datetime, time
from typing import Any

from django import forms

from songbai.core import clock
from songbai.core.reasons import SHORTEST, check
from songbai.domain.dispatch.rules import WishKind


def _why() -> forms.CharField:
    """A reason where one may be needed; the action asks."""
    too_long = {"max_length": "原因最多写 120 个字。"}
    return forms.CharField(required=False, max_length=120, error_messages=too_long)


class AssignForm(forms.Form):
    """Who goes; another time and the reason only when they differ from the first suggestion."""

    staff = forms.IntegerField(
        min_value=1,
        required=False,
        error_messages={"invalid": "请选一位护理员。"},
    )
    other = forms.IntegerField(min_value=1, required=False)
    start = forms.TimeField(
        required=False, error_messages={"invalid": "时间要像 9:30 这样写，或留空。"}
    )
    despite = forms.IntegerField(min_value=1, required=False)
    knowing = forms.BooleanField(required=False)
    reason = _why()

    def clean(self) -> dict[str, Any]:
        """Somebody must be chosen."""
        given: dict[str, Any] = self.cleaned_data
        if not self.errors and not (given.get("staff") or given.get("other")):
            self.add_error("staff", "请选一位护理员。")
        return given

    def chosen(self) -> int:
        """The caregiver of the pressed button, else the one of the list."""
        chosen: int = self.cleaned_data["staff"] or self.cleaned_data["other"]
        return chosen

    def starts_at(self, day: date) -> datetime | None:
        """The typed time on the order's day."""
        typed: time | None = self.cleaned_data["start"]
        return clock.at(day, typed.hour, typed.minute) if typed else None


class ReasonForm(forms.Form):
    """Why an order is withdrawn or cancelled."""

    reason = forms.CharField(
        min_length=SHORTEST,
        validators=[check],
        max_length=120,
        error_messages={
            "required": "请写明原因，至少 4 个字。",
            "min_length": "请写明原因，至少 4 个字。",
            "max_length": "原因最多写 120 个字。",
        },
    )


class MoveForm(forms.Form):
    """A visit and whom it goes to, at a time if one is given."""

    order = forms.RegexField(r"^[0-9]{1,17}(\+2)?$")
    staff = forms.IntegerField(min_value=1)
    start = forms.TimeField(required=False)
    knowing = forms.BooleanField(required=False)
    reason = _why()

    def minute(self) -> int | None:
        """The typed time as minutes since midnight."""
        typed: time | None = self.cleaned_data["start"]
        return typed.hour * 60 + typed.minute if typed else None


class AbsentForm(forms.Form):
    """Who does not come, and why."""

    staff = forms.IntegerField(min_value=1)
    why = forms.CharField(min_length=2, max_length=80)


class WishForm(forms.Form):
    """What an elder asks of whoever comes."""

    kind = forms.ChoiceField(choices=[(kind.value, kind.value) for kind in WishKind])
    staff = forms.IntegerField(min_value=1, required=False)
