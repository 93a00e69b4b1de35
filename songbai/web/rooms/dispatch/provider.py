"""The provider's vehicles: on whose shift each is, given and taken off."""

from collections.abc import Callable
from datetime import date

from django import forms
from django.urls import reverse

from songbai.core import clock
from songbai.core.errors import Refused
from songbai.domain.dispatch.actions import give_vehicle, take_vehicle
from songbai.domain.providers.models import Shift
from songbai.domain.providers.queries import own_shifts, own_vehicles
from songbai.domain.providers.rules import REFILL_WORDS, VehicleKind
from songbai.web.asked import DayField, day_asked, tried
from songbai.web.views import POST, Actor, HttpRequest, HttpResponse, Shown, door


class VehicleForm(forms.Form):
    """A shift and the vehicle it is given, on the day that is shown."""

    shift = forms.IntegerField(min_value=1)
    vehicle = forms.IntegerField(min_value=1, required=False)
    day = DayField(required=False)

    def the_day(self) -> date:
        """The day the page shows."""
        self.is_valid()
        asked: date | None = self.cleaned_data.get("day")
        return asked or clock.today()


@door("provider", "vehicles/")
def vehicles(request: HttpRequest, actor: Actor) -> Shown:
    """The vehicles of a day and who has each."""
    day = day_asked(request, "day")
    ahead = [shift for shift in own_shifts(actor, day) if shift.during.upper > clock.now()]
    rows = [
        (one, VehicleKind(one.kind), [shift for shift in ahead if shift.vehicle_id != one.pk])
        for one in own_vehicles(actor, day)
    ]
    return {
        "rows": [
            (one, kind.words, REFILL_WORDS[kind], [(shift.pk, _words(shift)) for shift in free])
            for one, kind, free in rows
        ],
        "day": day,
    }


@door("provider", "vehicles/give/", POST, name="vehicle_give")
def give(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Give a vehicle to a shift."""
    form = VehicleForm(request.POST)

    def act() -> str:
        if not form.is_valid() or not form.cleaned_data["vehicle"]:
            raise Refused("请选一个班次，再按“给这一班”。")
        given = form.cleaned_data
        shift = give_vehicle(actor, given["shift"], given["vehicle"])
        return f"记下了，{shift.staff.name}这一班带{shift.vehicle}。"

    return _back(request, form, act)


@door("provider", "vehicles/take/", POST, name="vehicle_take")
def take(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Take the vehicle off a shift."""
    form = VehicleForm(request.POST)

    def act() -> str:
        if not form.is_valid():
            raise Refused("没有找到这个班次。请回到车辆页重新选。")
        left = take_vehicle(actor, form.cleaned_data["shift"])
        told = f"有 {left:,} 单要带车，调度台会另找人。" if left else "没有要另找人的单。"
        return f"取下了。{told}"

    return _back(request, form, act)


def _back(request: HttpRequest, form: VehicleForm, act: Callable[[], str]) -> HttpResponse:
    """Act, say what was done or why not, and show the day again."""
    return tried(request, act, f"{reverse('provider:vehicles')}?day={form.the_day():%Y-%m-%d}")


def _words(shift: Shift) -> str:
    begin, end = (at.astimezone(clock.SHANGHAI) for at in (shift.during.lower, shift.during.upper))
    words = f"{shift.staff.name} {shift.staff.number} {begin:%-H:%M}–{end:%-H:%M}"
    return f"{words}，现在带{shift.vehicle}" if shift.vehicle else words
