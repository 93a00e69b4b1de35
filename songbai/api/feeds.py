"""Pushing a delivery, and asking what became of it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import AwareDatetime, Field

from songbai.core.errors import NotAllowed
from songbai.domain.feeds.actions.receiving import Parcel, receive
from songbai.domain.feeds.models import Delivery, FeedKey
from songbai.domain.feeds.queries import by_sender_key, refused_rows
from songbai.domain.feeds.rules.states import Way
from songbai.domain.feeds.tasks import begin

from .errors import FAULTS, Fault
from .signed import signed_in

View = Callable[..., Any]
router = Router(tags=["feeds"])
#: Refused rows of one answer.
MOST = 1000


def reads(path: str, response: dict[int, Any], **told: str) -> Callable[[View], View]:
    """Decorator of a view that tells how things stand, asked by GET, or by HEAD, of which the
    description is silent.
    """

    def stand(view: View) -> View:
        router.api_operation(["HEAD"], path, response=response, include_in_schema=False)(view)
        router.get(path, response=response, **told)(view)  # type: ignore[arg-type]  # words only
        return view

    return stand


class Arrival(Schema):
    """What the address of a push says. All of it is signed, as part of the path."""

    delivery: str = Field(
        min_length=8,
        max_length=80,
        pattern=r"^[A-Za-z0-9._-]+$",
        description="本次送达的编号，重发用同一个",
    )
    as_of: AwareDatetime | None = Field(
        None, description="数据截至什么时刻，带时区；不写按收到的时刻"
    )
    region: str = Field("", pattern=r"^\d{0,12}$", description="哪个区县的数据；不写按密钥的地区")
    name: str = Field("", max_length=120, description="文件名，只用来显示")


class Standing(Schema):
    """Where a delivery stands; counts are of rows."""

    delivery: str
    feed: str
    state: str
    reason: str
    times_received: int
    as_of: datetime
    received_at: datetime
    written_at: datetime | None
    rows: int
    new: int
    changed: int
    same: int
    older: int
    refused: int
    matched: int
    unmatched: int
    registered: int


class Problem(Schema):
    """One wrong cell."""

    column: str
    title: str
    reason: str


class RefusedRow(Schema):
    """A row that goes back, by its number in the file as sent."""

    row: int
    problems: list[Problem]


@router.post(
    "/{feed}/deliveries",
    response={202: Standing, 200: Standing, 409: Fault, 413: Fault} | FAULTS,
    summary="送一批数据",
    openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": {}}}},
    url_name="push",
)
def push(request: HttpRequest, feed: str, arrival: Query[Arrival]) -> Status[Standing]:
    """The body is the file itself (CSV, xlsx, JSON lines). 202: taken; 200: the same as before."""
    actor, key, body = signed_in(request)
    with body:
        _may_deliver(key, feed)
        parcel = Parcel(
            code=feed,
            region=arrival.region or key.scope,
            file=body,
            file_name=arrival.name or arrival.delivery,
            way=Way.API,
            sender=actor.name,
            as_of=arrival.as_of,
            sender_key=arrival.delivery,
        )
        delivery = receive(actor, parcel)
    if delivery.times_received > 1:
        return Status(200, _standing(delivery, feed))
    begin(delivery)
    return Status(202, _standing(delivery, feed))


@reads(
    "/{feed}/deliveries/{delivery}",
    response={200: Standing} | FAULTS,
    summary="一批数据办到哪了",
    url_name="standing",
)
def standing(request: HttpRequest, feed: str, delivery: str) -> Standing:
    """Counts are final once the state is written."""
    actor, key, body = signed_in(request)
    body.close()
    _may_deliver(key, feed)
    return _standing(by_sender_key(actor, feed, delivery), feed)


@reads(
    "/{feed}/deliveries/{delivery}/refused",
    response={200: list[RefusedRow]} | FAULTS,
    summary="退回的行和原因",
    url_name="refused",
)
def refused(request: HttpRequest, feed: str, delivery: str, after: int = 0) -> list[RefusedRow]:
    """At most 1,000 rows with numbers above ``after``; no cell is quoted."""
    actor, key, body = signed_in(request)
    body.close()
    _may_deliver(key, feed)
    rows = refused_rows(actor, by_sender_key(actor, feed, delivery)).filter(row_number__gt=after)
    return [
        RefusedRow(row=row.row_number, problems=[Problem(**one) for one in row.problems])
        for row in rows[:MOST]
    ]


def _may_deliver(key: FeedKey, feed: str) -> None:
    if feed not in key.feeds:
        raise NotAllowed("这把密钥不能送这种数据。")


def _standing(delivery: Delivery, feed: str) -> Standing:
    counts = {
        name: getattr(delivery, name)
        for name in Standing.model_fields
        if name not in {"delivery", "feed"}
    }
    return Standing(delivery=delivery.sender_key or "", feed=feed, **counts)
