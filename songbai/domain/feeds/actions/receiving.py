"""Taking a delivery in: the file is kept as it came, encrypted, and read afterwards."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import IO

from cryptography.hazmat.primitives import hashes
from django.db import transaction

from songbai.core import clock
from songbai.core.acting import Actor, Reach, on, publish, require
from songbai.core.crypto import encrypt_bytes
from songbai.core.regions.queries import region as region_by_code
from songbai.domain.feeds.declares import FEED_DELIVER
from songbai.domain.feeds.errors import SameNumber, UnknownFeed, WrongDate
from songbai.domain.feeds.models import Delivery, Feed, RawPart
from songbai.domain.feeds.rules.schema import Schema, schemas
from songbai.domain.feeds.rules.states import Way, next_due

#: Bytes of one encrypted part.
PART = 4 << 20


@dataclass(frozen=True)
class Parcel:
    """What somebody hands over: a file for a feed of a division.

    ``as_of``: the moment the sender speaks of; None: when it came. ``sender_key``: the sender's own
    number of the delivery, "" for none. ``mapping``: the file's headings → column names, where the
    schema's own headings and aliases do not fit.
    """

    code: str
    region: str
    file: Path | IO[bytes]
    file_name: str
    way: Way
    sender: str
    as_of: datetime | None = None
    sender_key: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)


def schema_of(code: str) -> Schema:
    """The schema of a feed. Raises UnknownFeed."""
    try:
        return schemas()[code]
    except KeyError as error:
        raise UnknownFeed from error


def feed_of(code: str, region: str) -> Feed:
    """The feed of a division, made when it is first heard of. Raises UnknownFeed, UnknownRegion."""
    schema, place = schema_of(code), region_by_code(region)
    feed, _ = Feed.objects.get_or_create(
        code=code,
        region=place,
        defaults={
            "department": schema.department,
            "due_on": next_due(schema.due, clock.today()),
        },
    )
    return feed


@transaction.atomic
def receive(actor: Actor, parcel: Parcel) -> Delivery:
    """Keep a file encrypted as a delivery in the state received; the same one again is the same.

    The same file for the same moment, or the same ``sender_key``, gives the delivery that is there,
    with one more receipt noted. Raises NotAllowed, UnknownFeed, UnknownRegion, WrongDate,
    SameNumber.
    """
    require(actor, FEED_DELIVER, Reach(region_by_code(parcel.region).code))
    feed = feed_of(parcel.code, parcel.region)
    now = clock.now()
    if parcel.as_of is not None and parcel.as_of > now:
        raise WrongDate
    with _opened(parcel.file) as stream:
        digest, size = _digest(stream)
        feed = Feed.objects.select_for_update().get(pk=feed.pk)  # the same sent twice at once waits
        known = _known(feed, parcel, digest)
        if known is not None:
            return _again(actor, known, digest)
        delivery = Delivery.objects.create(
            feed=feed,
            region_id=feed.region_id,
            digest=digest,
            sender_key=parcel.sender_key or None,
            way=parcel.way,
            sender=parcel.sender[:40],
            file_name=Path(parcel.file_name).name[:120],
            file_bytes=size,
            as_of=parcel.as_of or now,
            received_at=now,
            last_received_at=now,
            layout={"mapping": dict(parcel.mapping)},
        )
        for number, part in enumerate(_parts(stream)):
            RawPart.objects.create(
                delivery=delivery,
                region_id=delivery.region_id,
                number=number,
                body=encrypt_bytes(part),
            )
    _note_arrival(feed, delivery)
    publish("feeds.received", actor, **on("delivery", delivery), feed=feed.code, bytes=size)
    return delivery


class _Kept:
    """A file somebody else opened and will close, from its beginning."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream

    def __enter__(self) -> IO[bytes]:
        self.stream.seek(0)
        return self.stream

    def __exit__(self, *_: object) -> None:
        pass


def _opened(file: Path | IO[bytes]) -> IO[bytes] | _Kept:
    return file.open("rb") if isinstance(file, Path) else _Kept(file)


def _digest(stream: IO[bytes]) -> tuple[bytes, int]:
    """SM3 of the whole file, and its bytes."""
    sm3, size = hashes.Hash(hashes.SM3()), 0
    while part := stream.read(1 << 20):
        sm3.update(part)
        size += len(part)
    return sm3.finalize(), size


def _parts(stream: IO[bytes]) -> Iterator[bytes]:
    stream.seek(0)
    while part := stream.read(PART):
        yield part


def _known(feed: Feed, parcel: Parcel, digest: bytes) -> Delivery | None:
    """The delivery this one repeats."""
    of_feed = Delivery.objects.filter(feed=feed).order_by("-id")
    if parcel.sender_key:
        named = of_feed.filter(sender_key=parcel.sender_key).first()
        if named is not None:
            return named
    same = of_feed.filter(digest=digest)
    if parcel.as_of is not None:
        same = same.filter(as_of=parcel.as_of)
    return same.first()


def _again(actor: Actor, known: Delivery, digest: bytes) -> Delivery:
    if bytes(known.digest) != digest:
        raise SameNumber
    known.times_received += 1
    known.last_received_at = clock.now()
    known.save(update_fields=["times_received", "last_received_at"])
    _note_arrival(known.feed, known)
    publish("feeds.received_again", actor, **on("delivery", known), feed=known.feed.code)
    return known


def _note_arrival(feed: Feed, delivery: Delivery) -> None:
    """Something came: the next is due later. What is late stays late until it is written."""
    feed.last_received_at = delivery.last_received_at
    feed.save(update_fields=["last_received_at"])


def load(feed: Feed, rows: Sequence[Delivery], due_on: date) -> None:
    """Keep past deliveries of a feed, oldest first; the next is due on a day."""
    Delivery.objects.bulk_create(rows)
    feed.last_received_at, feed.last_as_of = rows[-1].received_at, rows[-1].as_of
    feed.due_on = due_on
    feed.save(update_fields=["last_received_at", "last_as_of", "due_on"])
