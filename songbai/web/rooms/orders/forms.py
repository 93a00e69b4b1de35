"""What is typed or chosen about orders, in every door."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any

from django import forms

from songbai.core import clock
from songbai.core.errors import SongbaiError
from songbai.core.ledger.registry import Payer, payer_of, payers
from songbai.domain.elders.models import Elder
from songbai.domain.orders.actions import NewOrder
from songbai.domain.orders.errors import LikeOrder, OrderedOtherwise
from songbai.domain.orders.rules import (
    FIRST_HOUR,
    LAST_HOUR,
    NARROWEST,
    OrderState,
    window_problem,
)
from songbai.domain.visits.queries.lists import Show
from songbai.domain.visits.rules import Doubt
from songbai.web.asked import DayField, errors_of, whole_number
from songbai.web.frames.bureau.shell import ANY
from songbai.web.templatetags.songbai import status_of


def order_states() -> list[tuple[str, str]]:
    """States of an order in the words of the vocabulary."""
    return [(state.value, status_of("order", state.value).label) for state in OrderState]


class OrderFilterForm(forms.Form):
    """The filter bar of the orders; a value that is none of the choices does not restrict."""

    show = forms.ChoiceField(label="名单", required=False, choices=[ANY, *Show.choices()])
    state = forms.ChoiceField(label="状态", required=False, choices=lambda: [ANY, *order_states()])
    payer = forms.ChoiceField(
        label="谁付钱",
        required=False,
        choices=lambda: [ANY, *((one.code, one.words) for one in payers())],
    )
    doubt = forms.ChoiceField(label="疑点", required=False, choices=[ANY, *Doubt.choices()])

    def chosen(self, name: str) -> str:
        """A valid choice, else ""."""
        self.is_valid()
        return str(self.cleaned_data.get(name, ""))


HALF_HOURS = [
    (f"{hour:02d}:{minute:02d}", f"{hour}:{minute:02d}")
    for hour in range(FIRST_HOUR, LAST_HOUR + 1)
    for minute in (0, 30)
    if (hour, minute) <= (LAST_HOUR, 0)
]


class PhoneOrderForm(forms.Form):
    """An order taken on the phone."""

    idempotency_key = forms.UUIDField(required=False)
    day = DayField(error_messages={"required": "请选哪一天。", "invalid": "请选哪一天。"})
    offer = forms.IntegerField(
        error_messages={"required": "请选一项服务。", "invalid": "请选一项服务。"}
    )
    begin = forms.ChoiceField(
        choices=HALF_HOURS,
        error_messages={"required": "请选时间。", "invalid_choice": "请选时间。"},
    )
    end = forms.ChoiceField(
        choices=HALF_HOURS,
        error_messages={"required": "请选时间。", "invalid_choice": "请选时间。"},
    )
    destination = forms.IntegerField(
        required=False, error_messages={"invalid": "请从列表里选要去的医院。"}
    )
    note = forms.CharField(
        required=False, max_length=300, error_messages={"max_length": "备注最多写 300 个字。"}
    )
    again = forms.BooleanField(required=False)

    def order(self, elder: Elder, own: int | None) -> NewOrder:
        """What to place for an elder; ``own`` is the own share the caller was told, in fen."""
        given = self.cleaned_data
        return NewOrder(
            key=given["idempotency_key"] or uuid.uuid4(),
            elder=elder,
            offer_ids=[given["offer"]],
            window_start=_moment(given["day"], given["begin"]),
            window_end=_moment(given["day"], given["end"]),
            note=given["note"],
            expected_own=own,
            destination=given["destination"],
            again=given["again"],
        )


def _moment(day: date, words: str) -> datetime:
    hours, minutes = (int(part) for part in words.split(":"))
    return clock.at(day, hours, minutes)


def tomorrow() -> date:
    """The day a phone order is usually for."""
    return clock.today() + timedelta(days=1)


def first_day() -> date:
    """The first day on which somebody can still be asked to come."""
    last = clock.at(clock.today(), LAST_HOUR) - NARROWEST
    return clock.today() if clock.now() < last else tomorrow()


def half_hours(day: date) -> list[tuple[str, str]]:
    """The half hours of a day that are not over, as a choice; all of them when none is left."""
    left = [(value, words) for value, words in HALF_HOURS if _moment(day, value) > clock.now()]
    return left or HALF_HOURS


def asked_of(error: LikeOrder) -> dict[str, Any]:
    """What _like.html shows of a question."""
    return {"like": error.orders, "said": error.said, "absent": error.absent}


def refused(error: SongbaiError | None) -> dict[str, Any]:
    """What a page shows of a refusal: ``like``, orders alike that it asks about, or ``errors``."""
    if isinstance(error, LikeOrder):
        return {**asked_of(error), "errors": []}
    return {"errors": errors_of(error)}


OWN = "own"
#: The windows offered as one tap, by their first and last hour.
SLOTS = {"9-11": (9, 11), "11-13": (11, 13), "14-16": (14, 16), "16-18": (16, 18)}
#: Under which input an error of an action belongs.
PLACES = {
    "window": "slot",
    "offer": "offer",
    "expected_own": "quote",
    "destination": "destination",
}


def month_of_date(text: str) -> str:
    """The civil month of a date as typed; the present one when it is no date."""
    try:
        return clock.month_of(clock.day_of(text))
    except ValueError:
        return clock.month_of(clock.today())


class OrderForm(forms.Form):
    """When somebody shall come, and what they should know."""

    #: The price or the credit changed while the family was choosing.
    quote_error = ""
    #: What _like.html asks, when it is asked.
    asked: Mapping[str, Any] = MappingProxyType({"like": ()})
    #: What is asked about is the order of this very form, sent again with something else in it.
    changed = False

    offer = forms.IntegerField()
    elder = forms.IntegerField()
    idempotency_key = forms.UUIDField()
    expected_own = forms.IntegerField(required=False)
    date = DayField(error_messages={"required": "请选日期。", "invalid": "请选日期。"})
    slot = forms.ChoiceField(
        choices=[(name, name) for name in (*SLOTS, OWN)],
        error_messages={
            "required": "请选一个时间。",
            "invalid_choice": "请选一个时间。",
        },
    )
    start = forms.TimeField(required=False, error_messages={"invalid": "时间请写成 9:30 这样。"})
    end = forms.TimeField(required=False, error_messages={"invalid": "时间请写成 9:30 这样。"})
    destination = forms.IntegerField(
        required=False, error_messages={"invalid": "请从列表里选要去的医院。"}
    )
    note = forms.CharField(
        required=False,
        max_length=300,
        error_messages={"max_length": "最多写 300 个字，请短一点。"},
    )
    again = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        """Own times need both ends."""
        values = super().clean() or {}
        if values.get("slot") == OWN:
            for name in ("start", "end"):
                if not values.get(name) and name not in self.errors:
                    self.add_error(name, "请填时间。")
        return values

    def window(self) -> tuple[datetime, datetime]:
        """The chosen window of a valid form, aware."""
        day: date = self.cleaned_data["date"]
        slot = self.cleaned_data["slot"]
        if slot in SLOTS:
            first, last = SLOTS[slot]
            return clock.at(day, first), clock.at(day, last)
        start: time = self.cleaned_data["start"]
        end: time = self.cleaned_data["end"]
        return clock.at(day, start.hour, start.minute), clock.at(day, end.hour, end.minute)

    def refuse(self, error: SongbaiError) -> None:
        """Put an action's error where it belongs; a question about orders alike is none."""
        if isinstance(error, LikeOrder):
            self.asked = asked_of(error)
            self.changed = isinstance(error, OrderedOtherwise)
            if self.changed:  # what is ordered beside the first is another order
                self.data = {**dict(self.data.items()), "idempotency_key": str(uuid.uuid4())}
            return
        place = PLACES.get(error.field or "")
        self.add_error(place if place in self.fields else None, error.message)
        if place == "quote":
            self.quote_error = error.message

    def listed(self) -> list[dict[str, str]]:
        """All errors as the error summary shows them, with the id of their input."""
        rows = []
        for name, messages in self.errors.items():
            field = "quote" if name == "__all__" and self.quote_error else name
            rows += [
                {"field": "" if field == "__all__" else field, "message": str(message)}
                for message in messages
            ]
        return rows


def slots_asked(text: str) -> dict[str, tuple[datetime, datetime]]:
    """The one-tap windows of a date as typed that can still be ordered; none for no such date."""
    try:
        day = clock.day_of(text)
    except ValueError:
        return {}
    now = clock.now()
    windows = {
        name: (clock.at(day, first), clock.at(day, last)) for name, (first, last) in SLOTS.items()
    }
    return {name: w for name, w in windows.items() if not window_problem(*w, now)}


def is_ahead(text: str) -> bool:
    """Whether a date as typed lies after today: what cannot be ordered then is too far."""
    try:
        return clock.day_of(text) > clock.today()
    except ValueError:
        return False


def new_order_values(offer_id: int, elder_id: int, day: str = "") -> dict[str, object]:
    """What a fresh form shows: the first window, tomorrow's if no day is given, and its own key."""
    date = day or clock.today() + timedelta(days=1)
    return {
        "offer": offer_id,
        "elder": elder_id,
        "idempotency_key": uuid.uuid4(),
        "date": date,
        "slot": next(iter(slots_asked(str(date))), OWN),
    }


def stars_of(posted: Mapping[str, str]) -> int | None:
    """The stars given, None for none; what is no number becomes 0, which the action refuses."""
    text = posted.get("stars", "")
    if not text:
        return None
    return whole_number(text) if len(text) < 3 else 0


class ListForm(forms.Form):
    """Filters of the order list; what nobody can mean counts as not asked."""

    day = DayField(required=False)
    state = forms.ChoiceField(required=False, choices=[(s.value, s.value) for s in OrderState])
    q = forms.CharField(required=False, max_length=20)
    town = forms.RegexField(r"^[0-9]{9,12}$", required=False)

    def chosen(self) -> dict[str, str]:
        """The valid filters that are set, for links."""
        self.is_valid()
        given = {name: self.cleaned_data.get(name) for name in self.fields}
        return {name: str(value) for name, value in given.items() if value}


class RowsForm(forms.Form):
    """Which number of the statement somebody opened."""

    payer = forms.ChoiceField(required=False, choices=lambda: [(p.code, p.code) for p in payers()])
    state = forms.ChoiceField(
        required=False, choices=[(word, word) for word in ("done", "settled", "held", "ledger")]
    )

    def who_pays(self) -> Payer | None:
        """The payer, None for all."""
        asked = self._asked("payer")
        return payer_of(asked) if asked else None

    def which(self) -> str:
        """done, settled, held, ledger, or "" for everything earned."""
        return self._asked("state")

    def _asked(self, name: str) -> str:
        self.is_valid()
        asked: str = self.cleaned_data.get(name) or ""
        return asked
