"""Registers as villages send them."""

import io
import uuid
from collections.abc import Sequence

import xlsxwriter

from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.domain.matching.rules.id_number import check_character
from songbai.domain.rosters.actions import Upload, choose_columns, confirm, look_over, upload, write
from songbai.domain.rosters.models import Roster

VILLAGE = "500151001001"
HEADINGS = ("姓名", "身份证号", "联系电话", "居住情况")


def number(serial: int, birth: str = "19450301") -> str:
    """A valid identity number."""
    body = f"500151{birth}{serial:03d}"
    return body + check_character(body)


def book(*rows: Sequence[str], headings: Sequence[str] = HEADINGS) -> bytes:
    """A workbook of text cells under a title."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("名册")
        sheet.write_string(0, 0, "东方社区老年人名册")
        for at, row in enumerate((headings, *rows), 1):
            for column, cell in enumerate(row):
                sheet.write_string(at, column, cell)
    return target.getvalue()


def person(serial: int, name: str = "赵柏年", living: str = "独居") -> tuple[str, ...]:
    """A row about somebody who is not registered yet."""
    return (name, number(serial), f"139000{serial:05d}", living)


def uploaded(
    actor: Actor, content: bytes, region: str = VILLAGE, name: str = "东方社区.xlsx"
) -> Roster:
    """A register that waits for its columns."""
    return upload(actor, Upload(region, name, content, uuid.uuid4()))[0]


def previewed(actor: Actor, content: bytes, region: str = VILLAGE) -> Roster:
    """A register that was looked over."""
    roster = uploaded(actor, content, region)
    choose_columns(actor, roster.pk, roster.columns)
    look_over(SYSTEM, roster.pk)
    roster.refresh_from_db()
    return roster


def written(actor: Actor, content: bytes, region: str = VILLAGE) -> Roster:
    """A register that was confirmed and written."""
    roster = previewed(actor, content, region)
    confirm(actor, roster.pk)
    write(SYSTEM, roster.pk)
    roster.refresh_from_db()
    return roster
