"""What an address or a form says, read with care; and what a form answers."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from songbai.core import clock
from songbai.core.errors import Mendable, NotFound, Refused, SongbaiError
from songbai.core.ledger.rules import FARTHEST
from songbai.core.texts import WrongText, narrow


class DayField(forms.DateField):
    """A day as typed; what nobody can mean is no day."""

    def to_python(self, value: Any) -> date | None:
        """The day, None for nothing typed. Raises ValidationError."""
        day: date | None = super().to_python(value)
        if day is not None and not clock.EARLIEST <= day <= clock.LATEST:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class FormedText(forms.CharField):
    """A text that is stored in one form (``core.texts``): which character is wrong is said."""

    def __init__(self, *, form: Callable[[str], str], **options: Any) -> None:
        self.form = form
        super().__init__(**options)

    def clean(self, value: Any) -> str:
        """The text in its form. Raises ValidationError."""
        text: str = super().clean(value)
        try:
            return self.form(text) if text else ""
        except WrongText as error:
            raise forms.ValidationError(error.message) from error


Name = TypeVar("Name", bound=str)


def whole_number(text: str) -> int:
    """A whole number typed or linked; 0 for anything else."""
    text = narrow(text)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def key_of(sent: Mapping[str, Any]) -> UUID:
    """The key a form carries, so that sending it twice is sending it once.

    Raises Refused when there is none.
    """
    try:
        return UUID(sent.get("idempotency_key", ""))
    except ValueError as error:
        raise Refused("页面太旧了，请刷新后再交一次。") from error


#: Set where the page already says that something else is shown than what was asked for.
_SAID = "songbai.said_instead"


def say_instead(request: HttpRequest, words: str) -> None:
    """Let the page say, once, that it shows something else than what was asked for."""
    if _SAID not in request.META and "HX-Request" not in request.headers:
        request.META[_SAID] = words
        messages.warning(request, words)


def month_asked(request: HttpRequest, *, ahead: bool = False) -> str:
    """The month in ``?month=``, or sent by a form; this month when it is missing, not one, or still
    to come, which the page says.

    ``ahead``: a month to come is one, too.
    """
    this = clock.month_of(clock.today())
    asked = request.POST.get("month") or request.GET.get("month", "")
    try:
        first, _ = clock.month_bounds(asked)
    except ValueError:
        if asked:
            say_instead(request, f"没有“{asked[:20]}”这个月，先看本月的。")
        return this
    if clock.month_of(first) > this and not ahead:
        say_instead(request, f"{first.year} 年 {first.month} 月还没有到，先看本月的。")
        return this
    return clock.month_of(first)


def day_asked(request: HttpRequest, name: str) -> date:
    """The day of an address or a form under this name; today when it is missing or not one, which
    the page says.
    """
    asked = request.GET.get(name) or request.POST.get(name, "")
    try:
        return DayField(required=False).clean(asked) or clock.today()
    except forms.ValidationError:
        say_instead(request, f"没有“{asked[:20]}”这一天，先看今天的。")
        return clock.today()


def months(count: int = 12) -> list[str]:
    """The last months, this one first."""
    found, day = [], clock.today().replace(day=1)
    for _ in range(count):
        found.append(clock.month_of(day))
        day = (day - timedelta(days=1)).replace(day=1)
    return found


def next_month() -> str:
    """The month after this one."""
    return clock.month_of(clock.today().replace(day=1) + timedelta(days=31))


def list_asked(asked: str, counts: Mapping[Name, int]) -> Name:
    """The list an address names; else the first of them with something in it, or the first."""
    filled = (name for name, count in counts.items() if count)
    first = next(filled, next(iter(counts)))
    return next((name for name in counts if name == asked), first)


def months_of_money(asked: str) -> list[str]:
    """The last months, those for which orders can stand already, and the one asked for."""
    today = clock.today()
    coming = {clock.month_of(today + timedelta(days=n)) for n in range(FARTHEST.days + 1)}
    return sorted({*months(), *coming, asked}, reverse=True)


class Several(Refused):
    """有几处要改，请看每一格下面的说明。"""

    def __init__(self, wrong: Iterable[tuple[str, str]]) -> None:
        self.wrong = list(wrong)
        super().__init__("；".join(words for _, words in self.wrong))


def errors_of(error: SongbaiError | None) -> list[dict[str, str]]:
    """What was refused as ``songbai/errors.html`` shows it; nothing for no error."""
    if isinstance(error, Several):
        return [{"field": field, "message": words} for field, words in error.wrong]
    return [{"field": error.field or "", "message": error.message}] if error else []


def first_wrong(form: forms.Form) -> None:
    """Raises Refused with the first problem of a form, if it has one."""
    for field, problems in form.errors.items():
        raise Refused(str(problems[0]), field=field)


def given_in(form: forms.Form) -> dict[str, Any]:
    """What was typed into a form. Raises Several when something is wrong with it."""
    if wrong := wrong_in(form):
        raise Several((one["field"], one["message"]) for one in wrong)
    return form.cleaned_data


def wrong_in(form: forms.Form) -> list[dict[str, str]]:
    """The first problem of each field of a form, as ``errors_of``."""
    return [
        {"field": form[name].id_for_label, "message": str(problems[0])}
        for name, problems in form.errors.items()
    ]


@contextmanager
def at_field(name: str) -> Iterator[None]:
    """What is refused inside stands at this field of the page."""
    try:
        yield
    except Mendable as error:
        error.field = name
        raise


def done(request: HttpRequest, words: str, to: str, *args: object) -> HttpResponse:
    """What follows a form that was taken: to another page, which says so."""
    messages.success(request, words)
    return redirect(to, *args)


def tried(request: HttpRequest, act: Callable[[], str], to: str) -> HttpResponse:
    """Act, and go to a page which says what was done, or why it was not."""
    try:
        messages.success(request, act())
    except (NotFound, Refused) as error:
        messages.error(request, error.message)
    return redirect(to)


def fen_typed(text: str) -> int | None:
    """Yuan as typed, with at most two places, in fen; None for anything else."""
    whole, _, rest = narrow(text).partition(".")
    if (
        whole.isdecimal()
        and len(whole) < 16
        and (not rest or (rest.isdecimal() and len(rest) <= 2))
    ):
        return int(whole) * 100 + int(rest.ljust(2, "0") or "0")
    return None
