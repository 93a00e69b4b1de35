"""The words templates use: states, money, masks, times."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from songbai.core import clock
from songbai.domain.elders.rules import mask_name
from songbai.domain.orders.rules import OrderState
from songbai.domain.providers.rules import Inspection
from songbai.domain.visits.rules import VisitState
from songbai.web.templatetags import songbai as tags

NOON = datetime(2025, 11, 22, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai, a Saturday


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with clock.moved_to(NOON):
        yield


def test_a_state_is_shown_with_its_tone_icon_and_word() -> None:
    assert tags.status({}, "order", "assigned") == (
        '<span class="sb-badge" data-tone="go">'
        '<i class="ti ti-user-check" aria-hidden="true"></i>已派人</span>'
    )


def test_an_elder_reads_plainer_words() -> None:
    assert "已安排好" in tags.status({"elder_mode": True}, "order", "assigned")
    assert tags.status_words({"elder_mode": True}, "order", "to_confirm") == "请您确认"


def test_a_state_without_elder_words_keeps_its_own() -> None:
    assert tags.status_words({"elder_mode": True}, "visit", "short") == "时长不足"


def test_what_must_be_answered_now_is_solid() -> None:
    assert 'class="sb-badge is-solid"' in tags.status({}, "alert", "raised")


def test_an_unknown_state_is_named() -> None:
    with pytest.raises(tags.UnknownStatusError, match="order: lost"):
        tags.status({}, "order", "lost")


def test_every_state_has_a_known_tone() -> None:
    assert {word.tone for word in tags.vocabulary().values()} == {
        "ok", "go", "wait", "bad", "doubt", "stop",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("family", "states"),
    [
        ("order", OrderState),
        ("visit", VisitState),
        ("inspection", [state for state in Inspection if state]),
    ],
)
def test_every_state_of_the_rooms_has_words(family: str, states: Iterable[str]) -> None:
    assert all(tags.status_of(family, state).label for state in states)


def test_an_icon_is_silent_unless_it_has_a_name() -> None:
    assert tags.icon("walk") == '<i class="ti ti-walk" aria-hidden="true"></i>'
    assert 'role="img" aria-label="扫码签到"' in tags.icon("qrcode", "扫码签到")


def test_words_in_an_icon_name_are_escaped() -> None:
    assert "<b>" not in tags.icon("walk", "<b>")


@pytest.mark.parametrize(
    ("amount", "words"),
    [(9000, "90"), (123450, "1,234.50"), (5, "0.05"), (0, "0"), (-12000, "−120"), (None, "")],
)
def test_fen_are_shown_as_yuan(amount: int | None, words: str) -> None:
    assert tags.fen(amount) == words


@pytest.mark.parametrize(
    ("name", "words"),
    [("王小英", "王*英"), ("王英", "王*"), ("欧阳小英", "欧*英"), ("王", "*"), ("", "*")],
)
def test_a_name_keeps_its_first_and_last_character(name: str, words: str) -> None:
    assert mask_name(name) == words


def test_a_phone_keeps_three_and_four_digits() -> None:
    assert tags.mask_phone("13812342046") == "138****2046"
    assert tags.mask_phone("12349") == "*****"


def test_an_identity_number_keeps_four_and_four() -> None:
    assert tags.mask_id("500224194301011234") == "5002**********1234"


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOON, "今天"),
        (datetime(2025, 11, 22, 16, 30, tzinfo=UTC), "明天"),  # half past midnight in Shanghai
        (date(2025, 11, 21), "昨天"),
        (date(2025, 11, 24), "后天"),
        (date(2025, 11, 30), "11 月 30 日"),
        (date(2026, 1, 3), "2026 年 1 月 3 日"),
        (None, ""),
    ],
)
def test_days_are_named_from_today(moment: date | None, words: str) -> None:
    assert tags.day_words(moment) == words


def test_a_date_carries_its_weekday() -> None:
    assert tags.date_words(NOON) == "11 月 22 日 周六"


def test_clock_times_are_those_of_shanghai() -> None:
    assert tags.hm(datetime(2025, 11, 22, 1, 30, tzinfo=UTC)) == "9:30"
    assert tags.hm(None) == ""


def test_a_window_has_a_start_and_an_end() -> None:
    assert (
        tags.window(clock.at(date(2025, 11, 22), 9, 30), clock.at(date(2025, 11, 22), 10, 30))
        == "9:30–10:30"
    )
    assert (
        tags.window(clock.at(date(2025, 11, 22), 23), clock.at(date(2025, 11, 23), 1))
        == "23:00–次日 1:00"
    )


@pytest.mark.parametrize(
    ("metres", "words"),
    [
        (38, "40 米"),
        (380.0, "380 米"),
        (996, "1.0 公里"),
        (1100, "1.1 公里"),
        (23400, "23 公里"),
        (None, ""),
    ],
)
def test_distances_are_said_as_people_say_them(metres: float | None, words: str) -> None:
    assert tags.km(metres) == words


def test_a_vendored_file_is_never_hashed() -> None:
    assert tags.vendor("htmx.org/dist/htmx.min.js") == "/static/vendor/htmx.org/dist/htmx.min.js"


@pytest.mark.parametrize(
    ("number", "unit", "words"),
    [
        (130.3, "单", "130.3 单"),
        (39.0, "单", "39 单"),
        (98.5, "%", "98.5%"),
        (2709, "元", "2,709 元"),
    ],
)
def test_a_number_is_written_with_its_unit_in_one_way(number: float, unit: str, words: str) -> None:
    assert tags.with_unit(number, unit) == words


def test_every_count_on_a_page_has_its_thousands_apart() -> None:
    web = Path(tags.__file__).parents[1]
    counted = "(?: ?</(?:b|strong|a)>)? ?(?:单|张|家|人|次|件|条|笔|位|户)"
    bare = re.compile(r"\{\{ [a-z_][\w.]*(?:\|length)? \}\}" + counted)
    said = re.compile(r"\{[a-z_][\w.]*\} (?:单|张|家|件|条|笔)")
    found = [
        f"{file.relative_to(web)}: {match[0]}"
        for pattern, form in (("*.html", bare), ("*.py", said))
        for file in web.rglob(pattern)
        if "tests" not in file.parts
        for match in form.finditer(file.read_text("utf-8"))
    ]
    assert found == []
