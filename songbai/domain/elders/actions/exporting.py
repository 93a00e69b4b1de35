"""Taking a list of elders out of the house."""

from dataclasses import dataclass

from django.db.models import QuerySet

from songbai.core.acting import Actor, require
from songbai.core.crypto import decrypt
from songbai.core.exports.actions import MOST_ROWS, Row, Taken, Wanted, take_out
from songbai.core.exports.declares import EXPORT
from songbai.core.exports.rules import ExportFormat
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import age, village_words, visible
from songbai.domain.elders.rules import mask_name, tags

#: Plain fields that may be asked for besides; identity numbers never leave in a list.
PLAIN = {"name": "姓名", "phone": "电话", "address": "住址"}


@dataclass(frozen=True)
class ElderList:
    """What is asked for: plain fields besides the masked ones, what for, how written."""

    plain: frozenset[str]
    purpose: str
    format: ExportFormat
    filters: str


def export_elders(actor: Actor, rows: QuerySet[Elder], asked: ElderList, where: str) -> Taken:
    """Write the elders of a scoped list into a file marked for this actor.

    ``rows`` is cut to the actor's scope once more; names are masked unless asked for, and every
    person has a line in the reading log. Raises NotAllowed, ReasonMissing, NothingToExport,
    TooManyRows, KeyError for a field that may not leave.
    """
    require(actor, EXPORT)
    plain = [name for name in PLAIN if name in asked.plain]
    if len(plain) != len(asked.plain):
        raise KeyError(*(asked.plain - PLAIN.keys()))
    more = [name for name in plain if name != "name"]
    inside = rows.filter(pk__in=visible(actor).values("pk")).select_related("region")
    elders = list(inside[: MOST_ROWS + 1])
    wanted = Wanted(
        what="老人名单",
        head=("姓名", "编号", "性别", "年龄", "村社", "情况", *[PLAIN[name] for name in more]),
        fields=("name", "age", "village", "tags", *more),
        filters=asked.filters,
        purpose=asked.purpose,
        format=asked.format,
    )
    return take_out(actor, wanted, [_row(elder, plain) for elder in elders], where)


def _row(elder: Elder, plain: list[str]) -> Row:
    cells = (
        elder.name if "name" in plain else mask_name(elder.name),
        str(elder.pk),
        "女" if elder.sex == "f" else "男",
        str(age(elder)),
        village_words(elder),
        "、".join(tags(elder.hardship, elder.living, elder.ability_level)),
        *[decrypt(getattr(elder, name)) for name in plain if name != "name"],
    )
    return Row(elder.pk, elder.region_id, str(elder.pk), cells)
