"""Taking a list of people out."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.queries import require
from songbai.core.accounts.rules import Actor
from songbai.core.audit.actions import record_many_reads
from songbai.core.errors import Refused
from songbai.core.events.actions import on, publish
from songbai.core.exports.declares import EXPORT
from songbai.core.reasons import reason_in

from .models import Export
from .rules import ExportFormat, mark_of, ordered, visible_line
from .writers import MEDIA, Copy, write

#: Rows of one export. Who needs more chooses a smaller place or fewer people.
MOST_ROWS = 5_000


class TooManyRows(Refused):
    """一次最多导出 5000 人。请先按镇街、年龄或情况筛选，再分几次导出。"""


class NothingToExport(Refused):
    """筛选出来没有人，不用导出。请放宽条件。"""


@dataclass(frozen=True)
class Row:
    """One person of a list: who it is, a key printed in the row, and the cells as text.

    ``key`` is the cell that identifies the row (the register number): its order carries the mark.
    """

    person_id: int
    region: str
    key: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Wanted:
    """What is taken out: a title, column heads, the fields' codes for the log, and the filter."""

    what: str
    head: tuple[str, ...]
    fields: tuple[str, ...]
    filters: str
    purpose: str
    format: ExportFormat


@dataclass(frozen=True)
class Taken:
    """The file handed over."""

    export: Export
    name: str
    media: str
    content: bytes


@transaction.atomic
def take_out(actor: Actor, wanted: Wanted, rows: Sequence[Row], where: str) -> Taken:
    """Write a copy marked for this actor; the log has one row for it and one look for each person.

    The rows come from a query scoped to the actor. Raises NotAllowed, ReasonMissing,
    NothingToExport, TooManyRows.
    """
    require(actor, EXPORT)
    reason_in(
        wanted.purpose, "请写明导出做什么用，至少 4 个字，例如“核对 11 月额度”。", field="purpose"
    )
    if not rows:
        raise NothingToExport
    if len(rows) > MOST_ROWS:
        raise TooManyRows
    export = Export.objects.create(
        at=clock.now(),
        account_id=actor.account_id,
        recipient=actor.name,
        role=actor.kind or "system",
        region_id=(actor.region or "").ljust(12, "0"),
        what=wanted.what,
        purpose=wanted.purpose.strip()[:60],
        filters=wanted.filters[:200],
        fields="、".join(wanted.head)[:200],
        rows=len(rows),
        format=wanted.format,
        secret=secrets.token_hex(16),
    )
    record_many_reads(
        actor,
        [(row.person_id, row.region) for row in rows],
        fields=list(wanted.fields),
        purpose=f"导出：{export.purpose}"[:60],
        where=f"{where}#export-{export.pk}",
    )
    publish(
        "export.taken",
        actor,
        **on("export", export),
        what=export.what,
        rows=export.rows,
        purpose=export.purpose,
    )
    return Taken(export, _name(export), MEDIA[wanted.format], _content(export, wanted, rows))


def _content(export: Export, wanted: Wanted, rows: Sequence[Row]) -> bytes:
    local = export.at.astimezone(clock.SHANGHAI)
    line = visible_line(export.recipient, f"{local:%Y-%m-%d %H:%M}", export.purpose, int(export.pk))
    mark = mark_of(int(export.pk))
    placed = ordered(rows, [row.key for row in rows], export.secret)
    cells = [(row.cells[0] + mark, *row.cells[1:]) for row in placed]
    return write(Copy(wanted.what, line, wanted.head, cells), ExportFormat(wanted.format))


def _name(export: Export) -> str:
    return (
        f"{export.what}-{export.at.astimezone(clock.SHANGHAI):%Y%m%d}-{export.pk}.{export.format}"
    )
