"""Rows of one list are one look."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from songbai.core import clock
from songbai.core.audit.rules import looks


@dataclass
class Row:
    at: datetime
    person_id: int
    account_id: int | None = 1
    reader: str = "刘局"
    role: str = "officer"
    fields: list[str] = field(default_factory=lambda: ["name"])
    purpose: str = "查看订单名单"
    where: str = "/bureau/orders/"


def test_a_list_is_one_look_and_everything_else_is_its_own() -> None:
    now = clock.now()
    rows = [Row(now - timedelta(milliseconds=n), n) for n in range(25)]
    later = replace(rows[0], at=now + timedelta(minutes=1))
    others = [
        replace(rows[0], account_id=2),
        replace(rows[0], where="/bureau/elders/"),
        replace(rows[0], fields=["phone"]),
    ]
    found = looks([later, *rows, *others])
    assert [len(look.people) for look in found] == [1, 25, 1, 1, 1]


def test_one_person_twice_on_a_page_is_counted_once() -> None:
    row = Row(clock.now(), 7)
    assert [(look.people, look.times) for look in looks([row, row])] == [([7], 2)]


def test_what_was_looked_at_again_within_a_minute_is_one_look_with_others_between() -> None:
    rows = [Row(clock.now() - timedelta(seconds=9 * n), 7) for n in range(6)]
    between = replace(rows[2], fields=["phone"])
    found = looks([*rows[:3], between, *rows[3:]])
    assert [(look.read.fields, look.times) for look in found] == [(["name"], 6), (["phone"], 1)]
