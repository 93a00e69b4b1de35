"""Handing refused rows back to their sender: their own rows with each wrong cell marked."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.db import transaction

from songbai.core.acting import Actor, Reach, on, publish, require
from songbai.core.errors import Refused
from songbai.core.reasons import reason_in
from songbai.core.sheets.returned import ReturnedRow, returned_workbook
from songbai.domain.feeds.declares import FEED_SETTLE
from songbai.domain.feeds.models import Delivery, RefusedRow
from songbai.domain.feeds.queries import delivery as delivery_by_id
from songbai.domain.feeds.queries import plain_cells, refused_rows

#: Rows of one workbook; who has more mistakes than this has one mistake many times.
MOST = 50_000
MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class NothingRefused(Refused):
    """这一批没有退回的行。"""


@dataclass(frozen=True)
class Returned:
    """A workbook to hand over."""

    name: str
    content: bytes


@transaction.atomic
def take_refused(actor: Actor, delivery_id: int, *, purpose: str) -> Returned:
    """The refused rows of a delivery as a workbook; who took them, and why, is in the event log.

    Raises NotAllowed, UnknownDelivery, NothingRefused, ReasonMissing.
    """
    found = delivery_by_id(actor, delivery_id)
    require(actor, FEED_SETTLE, Reach(found.region_id))
    reason_in(purpose, "请写明把退回的行交给谁、做什么用，至少 4 个字。", field="purpose")
    rows = list(refused_rows(actor, found)[:MOST])
    if not rows:
        raise NothingRefused
    publish(
        "feeds.refused_taken",
        actor,
        **on("delivery", found),
        rows=len(rows),
        purpose=purpose.strip()[:80],
    )
    return Returned(f"退回-{found.feed.code}-{found.pk}.xlsx", workbook(found, rows))


def workbook(found: Delivery, rows: list[RefusedRow]) -> bytes:
    """The rows as they came, wrong cells marked."""
    headers: list[str] = found.layout.get("headers", [])
    return returned_workbook(headers, _returned(found, iter(rows)))


def _returned(found: Delivery, rows: Iterator[RefusedRow]) -> Iterator[ReturnedRow]:
    places: dict[str, str] = found.layout.get("places", {})
    for row in islice(rows, MOST):
        by_heading = {
            places[one["column"]]: one["reason"] for one in row.problems if one["column"] in places
        }
        whole = [one["reason"] for one in row.problems if one["column"] not in places]
        yield ReturnedRow(row.row_number, plain_cells(row), by_heading, "；".join(whole))
