"""Deliveries for tests: files in memory, taken in by the same actions the platform uses."""

import csv
import hashlib
import io
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import connection

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.crypto import blind_index, encrypt
from songbai.domain.elders.models import CurrentFact, Elder
from songbai.domain.feeds.actions.checking import check
from songbai.domain.feeds.actions.receiving import Parcel, receive
from songbai.domain.feeds.actions.writing import write
from songbai.domain.feeds.models import Delivery
from songbai.domain.feeds.rules.schema import schemas
from songbai.domain.feeds.rules.states import Way
from songbai.domain.matching.rules import check_character

Row = dict[str, str]


def number_of(order: int, birth: date = date(1950, 3, 4)) -> str:
    """A valid identity number of somebody invented."""
    body = f"510101{birth:%Y%m%d}{order:03d}"
    return body + check_character(body)


def _of_birth(order: int) -> str:
    body = f"50019019420506{order}"
    return body + check_character(body)


#: Identity numbers of Mrs Wang and her neighbour with the right check character.
MOTHER, NEIGHBOUR = _of_birth(102), _of_birth(103)


def number(elder: Elder, number: str) -> None:
    """Give somebody of the cast a number that departments would send."""
    elder.id_number, elder.id_number_index = encrypt(number), blind_index(number)
    elder.save(update_fields=["id_number", "id_number_index"])


def day(back: int) -> str:
    """A day so long ago, as departments write it."""
    return f"{clock.today() - timedelta(days=back):%Y-%m-%d}"


def dibao(number: str, name: str, kind: str = "低保", case: str = "A1") -> Row:
    """A row of the hardship list."""
    return {
        "救助证号": case,
        "身份证号": number,
        "姓名": name,
        "救助类别": kind,
        "开始日期": day(90),
    }


def pension(number: str, name: str, amount: str, month: str = "2026-10", key: str = "") -> Row:
    """A row of the pension list."""
    return {
        "个人编号": key or f"P{number[-6:]}",
        "身份证号": number,
        "姓名": name,
        "养老待遇类别": "职工",
        "月养老金": amount,
        "发放月份": month,
        "发放账户": f"6217{number[:15]}",
    }


def text_of(rows: Sequence[Row]) -> bytes:
    """Rows as a CSV file."""
    target = io.StringIO()
    headers = list(dict.fromkeys(header for row in rows for header in row))
    writer = csv.DictWriter(target, headers, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue().encode()


def hand_in(
    code: str,
    content: bytes | Sequence[Row],
    *,
    as_of: datetime | None = None,
    region: str = "500151",
    sender_key: str = "",
) -> Delivery:
    """A file that has been received."""
    body = content if isinstance(content, bytes) else text_of(content)
    sender = schemas()[code].department_name
    parcel = Parcel(
        code, region, io.BytesIO(body), f"{code}.csv", Way.FILE, sender, as_of, sender_key
    )
    return receive(SYSTEM, parcel)


def deliver(
    code: str, content: bytes | Sequence[Row], *, as_of: datetime | None = None
) -> Delivery:
    """A file that has been received, checked and written."""
    delivery = hand_in(code, content, as_of=as_of)
    check(SYSTEM, delivery.pk)
    return write(SYSTEM, delivery.pk)


def ago(days: int) -> datetime:
    """A moment so many days back."""
    return clock.now() - timedelta(days=days)


def stands(elder_id: int, kind: str) -> str:
    """What stands of a kind."""
    row = CurrentFact.objects.filter(elder_id=elder_id, kind=kind).first()
    return row.value if row else ""


def view() -> str:
    """The derived view and what the register shows, byte for byte, as one digest.

    Without the numbers of rows and without ciphertexts, which are new at every writing.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id_number_index, c.kind, c.source, c.value, c.value_index, c.valid_from,"
            " c.valid_to, c.observed_at FROM elders_currentfact c"
            " JOIN elders_elder e ON e.id = c.elder_id ORDER BY 1, 2"
        )
        facts = cursor.fetchall()
        cursor.execute(
            "SELECT id_number_index, name, sex, birth_date, hardship, living, special_family,"
            " ability_level, died_on FROM elders_elder ORDER BY 1"
        )
        people = cursor.fetchall()
        cursor.execute(
            "SELECT source_key, content, observed_at FROM feeds_sourcerow ORDER BY feed_id, 1"
        )
        rows = cursor.fetchall()
    text = repr([[tuple(map(_plain, row)) for row in table] for table in (facts, people, rows)])
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value
