"""What templates say in the same way everywhere: states, icons, money, masked names, times.

Loaded as a builtin of every template. Times are shown in Asia/Shanghai.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString

from songbai.core import clock
from songbai.core.texts import mask_name
from songbai.web.words import village_of

register = template.Library()
register.filter(mask_name)
register.filter(village_of)

MINUS = "\N{MINUS SIGN}"
WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True)
class Status:
    """One word of the status vocabulary; ``elder`` is what an elder reads instead of the label.

    Tones: ok (nothing to do), go (under way), wait (for somebody), bad (somebody must act), doubt
    (somebody must judge), stop (over, nothing bad).
    """

    code: str
    label: str
    tone: str
    icon: str
    elder: str
    solid: bool = False

    def words(self, *, elder: bool) -> str:
        """The label, or what an elder reads instead."""
        return self.elder if elder and self.elder else self.label


class UnknownStatusError(LookupError):
    """The vocabulary has no such state: add it to the room's ``status.json``."""


@cache
def vocabulary() -> dict[tuple[str, str], Status]:
    """Every state of the rooms' ``status.json`` by (family, code)."""
    return {
        (family, row["code"]): Status(**row)
        for folder in settings.PAGES
        if (file := folder / "status.json").exists()
        for family, rows in json.loads(file.read_text("utf-8")).items()
        for row in rows
    }


def status_of(family: str, code: object) -> Status:
    """One state. Raises UnknownStatusError."""
    try:
        return vocabulary()[family, str(code)]
    except KeyError:
        raise UnknownStatusError(f"{family}: {code}") from None


@register.simple_tag(takes_context=True)
def status(context: Mapping[str, object], family: str, code: object) -> SafeString:
    """``{% status "order" order.state %}``: a badge; in elder mode in elders' words."""
    found = status_of(family, code)
    return format_html(
        '<span class="sb-badge{}" data-tone="{}">{}{}</span>',
        " is-solid" if found.solid else "",
        found.tone,
        icon(found.icon),
        found.words(elder=_elder_mode(context)),
    )


@register.simple_tag(takes_context=True)
def status_words(context: Mapping[str, object], family: str, code: object) -> str:
    """The words of a state alone, for a sentence."""
    return status_of(family, code).words(elder=_elder_mode(context))


def _elder_mode(context: Mapping[str, object]) -> bool:
    return bool(context["elder_mode"]) if "elder_mode" in context else False


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """``{% icon "walk" %}``: silent decoration; with a label, a picture that has a name."""
    if label:
        return format_html(
            '<i class="ti ti-{}" role="img" aria-label="{}" title="{}"></i>', name, label, label
        )
    return format_html('<i class="ti ti-{}" aria-hidden="true"></i>', name)


@register.simple_tag
def vendor(path: str) -> str:
    """The address of a file of a browser library. Never hashed: modules import their neighbours."""
    return f"{settings.STATIC_URL}vendor/{path}"


@register.filter
def fen(amount: int | None) -> str:
    """Integer fen as yuan: 123450 → 1,234.50, 9000 → 90, -12000 → −120."""
    if amount is None:
        return ""
    yuan, rest = divmod(abs(amount), 100)
    sign = MINUS if amount < 0 else ""
    return f"{sign}{yuan:,}.{rest:02d}" if rest else f"{sign}{yuan:,}"


@register.filter
def thousands(number: float | str | None) -> str:
    """A count or a sum, thousands apart: 163002 → 163,002, 1250.5 → 1,250.50; words stay."""
    if number is None or isinstance(number, str):
        return number or ""
    return f"{number:,.0f}" if number == int(number) else f"{number:,.2f}"


@register.filter
def with_unit(number: float | None, unit: str) -> str:
    """A number as it is measured, with its unit: 130.3 单, 1,250 元, 98.5%."""
    if number is None:
        return ""
    words = f"{number:,.2f}".rstrip("0").rstrip(".")
    return f"{words}{unit}" if unit.startswith("%") else f"{words} {unit}"


def _masked(text: str, first: int, last: int) -> str:
    hidden = len(text) - first - last
    return f"{text[:first]}{'*' * hidden}{text[-last:]}" if hidden > 0 else "*" * len(text)


@register.filter
def mask_phone(number: str) -> str:
    """First three and last four digits: 138****2046."""
    return _masked(number, 3, 4)


@register.filter
def mask_id(number: str) -> str:
    """First four and last four characters of an identity number."""
    return _masked(number, 4, 4)


def _local(moment: datetime) -> datetime:
    return moment.astimezone(clock.SHANGHAI)


def _day(moment: date | datetime) -> date:
    return _local(moment).date() if isinstance(moment, datetime) else moment


def _date(day: date) -> str:
    words = f"{day.month} 月 {day.day} 日"
    return words if day.year == clock.today().year else f"{day.year} 年 {words}"


@register.filter
def day_words(moment: date | datetime | None) -> str:
    """昨天, 今天, 明天, 后天; else 11 月 23 日, with the year when it is another one."""
    if moment is None:
        return ""
    day = _day(moment)
    near = {-1: "昨天", 0: "今天", 1: "明天", 2: "后天"}
    return near.get((day - clock.today()) // timedelta(days=1)) or _date(day)


@register.filter
def date_words(moment: date | datetime | None) -> str:
    """11 月 22 日 周六."""
    if moment is None:
        return ""
    day = _day(moment)
    return f"{_date(day)} 周{WEEKDAYS[day.weekday()]}"


@register.filter
def month_words(month: str) -> str:
    """2026-06 → 2026 年 6 月; "" for none."""
    return clock.month_words(month)


@register.filter
def hm(moment: datetime | None) -> str:
    """9:30."""
    return clock.shown(moment) if moment else ""


@register.filter
def hours_words(minutes: int) -> str:
    """95 → 1 小时 35 分."""
    hours, rest = divmod(minutes, 60)
    return (
        f"{hours} 小时 {rest} 分" if hours and rest else f"{hours} 小时" if hours else f"{rest} 分"
    )


@register.filter
def window(start: datetime, end: datetime) -> str:
    """``{{ start|window:end }}``: 9:30–10:30; over midnight the second day is named."""
    days = (_day(end) - _day(start)) // timedelta(days=1)
    after = "" if days == 0 else "次日 " if days == 1 else f"{_date(_day(end))} "
    return f"{hm(start)}–{after}{hm(end)}"


@register.filter
def km(metres: float | None) -> str:
    """Metres as a person says them: 380 米, 1.1 公里, 23 公里."""
    if metres is None:
        return ""
    if metres < 995:
        return f"{round(metres / 10) * 10} 米"
    kilometres = metres / 1000
    return f"{kilometres:.0f} 公里" if kilometres >= 9.95 else f"{kilometres:.1f} 公里"
