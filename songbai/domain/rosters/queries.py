"""Reading uploaded registers, always as somebody."""

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from songbai.core import scope
from songbai.core.acting import Actor, Reach, require
from songbai.core.crypto import decrypt, decrypt_bytes
from songbai.core.errors import NotAllowed
from songbai.core.found import found_in
from songbai.core.regions.queries import children
from songbai.core.regions.queries import region as region_by_code
from songbai.core.regions.rules import Level, inside, level_of, prefix
from songbai.core.sheets import (
    ReturnedRow,
    Sheet,
    TemplateColumn,
    read,
    returned_workbook,
    template,
)
from songbai.core.sheets.values import text_of
from songbai.domain.feeds.actions.receiving import schema_of
from songbai.domain.feeds.declares import FEED_DELIVER, FEED_READ
from songbai.domain.feeds.rules.schema import Column, Type

from .models import Roster, RosterColumns
from .rules import FEED, LIMITS, SAMPLE, Guess, RosterState, guess_columns, masked_cell

_EXAMPLES = {
    "id_number": "500151194205061028",
    "name": "王桂英",
    "sex": "女",
    "birth_date": "1942-05-06",
    "group": "3 组",
    "phone": "13800000000",
    "address": "幸福路 8 号 3-2",
    "household": "王桂英",
    "living": "独居",
    "special_family": "否",
    "hardship": "低保",
    "disability_kind": "肢体",
    "disability_grade": "二级",
    "ability_level": "中度失能",
    "caregiver": "李芳（邻居）",
    "contact_name": "王敏（女儿）",
    "contact_phone": "13900000000",
    "notes": "每周三走访",
}


def visible(actor: Actor) -> QuerySet[Roster]:
    """Registers of the actor's division and below. Raises NotAllowed."""
    require(actor, FEED_READ)
    return scope.visible(Roster, actor)


def get(actor: Actor, roster_id: int) -> Roster:
    """One register in the actor's scope. Raises NotAllowed, NotFound."""
    return found_in(visible(actor).select_related("region").filter(pk=roster_id))


def history(actor: Actor, region: str = "") -> QuerySet[Roster]:
    """Registers of a division, newest first, without their files. Raises NotAllowed."""
    rows = visible(actor).filter(**inside(region or actor.region or ""))
    return rows.select_related("region").defer("content", "preview").order_by("-uploaded_at", "-id")


def overlapping(region: str) -> list[str]:
    """The village and its town; of a town all its villages too."""
    town = prefix(region, Level.TOWN)
    if level_of(region) is Level.TOWN:
        return [region, *(one.code for one in children(town, Level.VILLAGE))]
    return [region, town.ljust(12, "0")]


def same_file(region: str, digest: bytes) -> Roster | None:
    """The newest upload of the very same file for a division, unless it was thrown away."""
    rows = Roster.objects.filter(region_id=region, digest=digest)
    kept = rows.exclude(state__in=[RosterState.DISCARDED, RosterState.REFUSED])
    return kept.defer("content", "preview").order_by("-uploaded_at").first()


def content_of(roster: Roster) -> bytes:
    """The file as it came. For the worker and the guesses; nobody is shown it."""
    return decrypt_bytes(roster.content)


def remembered(actor: Actor, region: str) -> dict[str, str]:
    """The columns of the sender's last file for a village, else of anybody's."""
    rows = RosterColumns.objects.filter(region_id=region).order_by("-used_at")
    own = next((row for row in rows if row.account_id == actor.account), None)
    newest = own or rows.first()
    return dict(newest.columns) if newest else {}


def known_headings() -> set[str]:
    """Every heading the register's columns go by."""
    return {heading for column in schema_of(FEED).columns for heading in column.headers}


def samples_of(sheet: Sheet) -> dict[str, list[str]]:
    """Some cells of each column, as text."""
    rows = list(islice(sheet, SAMPLE))
    return {heading: [text_of(row.cells.get(heading)) for row in rows] for heading in sheet.headers}


@dataclass(frozen=True)
class Mapped:
    """One heading on the page: what it seems to be, why, and masked examples."""

    guess: Guess
    chosen: str
    examples: tuple[str, ...]


def columns_of(actor: Actor, roster: Roster) -> list[Mapped]:
    """The headings of a register that waits for its columns, in the file's order."""
    sheet = read(io.BytesIO(content_of(roster)), known=known_headings(), limits=LIMITS)
    samples = samples_of(sheet)
    guesses = guess_columns(schema_of(FEED), samples, remembered(actor, roster.region_id))
    return [
        Mapped(
            guess,
            roster.columns.get(guess.heading, ""),
            _examples(samples[guess.heading], guess.column),
        )
        for guess in guesses
    ]


def _examples(cells: Sequence[str], column: str) -> tuple[str, ...]:
    """Up to three different cells, masked unless they are codes, which say nothing of whom."""
    kinds = {one.name: one.type for one in schema_of(FEED).columns}
    plain = kinds.get(column) in {Type.CODE, Type.YES_NO}
    shown = (cell[:12] if plain else masked_cell(cell) for cell in cells if cell)
    return tuple(dict.fromkeys(shown))[:3]


def preview_of(roster: Roster) -> dict[str, Any]:
    """What was found when the register was tried out; empty before."""
    return json.loads(decrypt(roster.preview)) if roster.preview else {}


def error_workbook(actor: Actor, roster: Roster) -> bytes:
    """The sender's own refused rows, each bad cell marked.

    Only for who uploaded the file: the cells are not masked. Raises NotAllowed.
    """
    require(actor, FEED_DELIVER, Reach(roster.region_id))
    if roster.account_id != actor.account:
        raise NotAllowed("退回的行没有打码，只有交这份名册的人能下载。")
    found = preview_of(roster)
    return returned_workbook(found.get("headers", []), _returned(roster, found))


def _returned(roster: Roster, found: dict[str, Any]) -> Iterator[ReturnedRow]:
    heading_of = {column: heading for heading, column in roster.columns.items() if column}
    for row in found.get("refused", []):
        by_heading = {
            heading_of[p["column"]]: p["reason"]
            for p in row["problems"]
            if p["column"] in heading_of
        }
        whole = "；".join(p["reason"] for p in row["problems"] if p["column"] not in heading_of)
        yield ReturnedRow(row["row"], row["cells"], by_heading, whole)


def template_for(region: str) -> bytes:
    """An empty register for a village, or for a town with its villages to choose from."""
    place = region_by_code(region)
    villages: tuple[str, ...] = ()
    if place.level == Level.TOWN:
        below = children(prefix(place.code, Level.TOWN), Level.VILLAGE)
        villages = tuple(one.name for one in below)
    columns = [
        _template_column(column, villages)
        for column in schema_of(FEED).columns
        if column.name != "region" or villages
    ]
    return template(
        "老年人名册",
        columns,
        instructions=(
            f"{place.name}老年人名册。每人一行，从第 2 行填起；红色的列必填，其余知道多少填多少。",
            "不要合并单元格，不要改表头。身份证号、电话按文本填，这张表已经设好格式。",
            "改好后存成 .xlsx，在“松柏民政端”的“村社名册”里上传。",
        ),
    )


def _template_column(column: Column, villages: tuple[str, ...]) -> TemplateColumn:
    choices: tuple[str, ...] = tuple(words[0] for words in column.codes.values())
    if column.type is Type.YES_NO:
        choices = ("是", "否")
    title = column.title
    note = column.type.words
    if column.name == "region":
        title, choices, note = "村社", villages, "从列表里选"
    elif choices:
        note = "从列表里选"
    wide = {Type.ID_NUMBER: 22, Type.ADDRESS: 30, Type.PHONE: 14}
    return TemplateColumn(
        title,
        note=note,
        required=column.required,
        choices=choices,
        example=villages[0]
        if column.name == "region" and villages
        else _EXAMPLES.get(column.name, ""),
        width=wide.get(column.type, 12),
    )
