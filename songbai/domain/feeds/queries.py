"""Reading feeds: what came, what is due, what went back, who was not found."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.db.models import Count, Q, QuerySet

from songbai.core import clock
from songbai.core.acting import Actor, require
from songbai.core.crypto import decrypt
from songbai.core.found import counted, found_in
from songbai.core.regions.models import Region
from songbai.core.regions.queries import cities
from songbai.core.regions.rules import inside, level_of, prefix
from songbai.domain.feeds.declares import DEPARTMENT, FEED_KEY, FEED_READ
from songbai.domain.feeds.errors import UnknownDelivery
from songbai.domain.feeds.models import Delivery, Feed, FeedKey, RefusedRow, UnmatchedRow
from songbai.domain.feeds.rules.schema import Schema, schemas
from songbai.domain.feeds.rules.states import DeliveryState, UnmatchedState, is_late


@dataclass(frozen=True)
class Standing:
    """One feed of one division: its schema, its newest delivery, and what is wrong with it."""

    feed: Feed
    schema: Schema
    last: Delivery | None
    written: Delivery | None
    open_unmatched: int
    today: date

    @property
    def late_days(self) -> int:
        """Days past its due day, when more than its grace; else 0."""
        late = is_late(self.schema.due, self.feed.due_on, self.today)
        return (self.today - self.feed.due_on).days if late else 0

    @property
    def refused_share(self) -> float:
        """Share of refused rows in the newest written delivery, 0 … 1."""
        if self.written is None or not self.written.rows:
            return 0.0
        return self.written.refused / self.written.rows

    @property
    def is_alarming(self) -> bool:
        """Whether somebody has to call the department."""
        refused = self.last is not None and self.last.state == DeliveryState.REFUSED
        return bool(self.late_days) or refused


def scoped(actor: Actor, rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Deliveries of the actor's division and below. Raises NotAllowed."""
    if actor.kind is not DEPARTMENT:
        require(actor, FEED_READ)
    return rows.filter(**inside(actor.region or ""))


def standings(actor: Actor, *, with_villages: bool = False) -> list[Standing]:
    """Every feed of the actor's division, departments in their order.

    Village registers come by the hundred and are left out unless asked for. Raises NotAllowed.
    """
    require(actor, FEED_READ)
    feeds = Feed.objects.filter(**inside(actor.region or ""), active=True)
    if not with_villages:
        feeds = feeds.exclude(department="village")
    known = [feed for feed in feeds.select_related("region") if feed.code in schemas()]
    last = _newest(Delivery.objects.filter(feed__in=known))
    written = _newest(Delivery.objects.filter(feed__in=known, state=DeliveryState.WRITTEN))
    waiting = UnmatchedRow.objects.filter(feed__in=known, state=UnmatchedState.OPEN)
    open_rows = counted(waiting, "feed")
    order = list(schemas())
    today = clock.today()
    found = [
        Standing(
            feed,
            schemas()[feed.code],
            last.get(feed.pk),
            written.get(feed.pk),
            open_rows.get(feed.pk, 0),
            today,
        )
        for feed in known
    ]
    return sorted(found, key=lambda one: (order.index(one.feed.code), one.feed.region_id))


def _newest(rows: QuerySet[Delivery]) -> dict[int, Delivery]:
    newest = rows.order_by("feed_id", "-received_at", "-id").distinct("feed_id")
    return {delivery.feed_id: delivery for delivery in newest}


def alarming(actor: Actor) -> int:
    """How many feeds are late or were refused as a whole. Raises NotAllowed."""
    return sum(standing.is_alarming for standing in standings(actor))


def deliveries_of(actor: Actor, code: str = "") -> QuerySet[Delivery]:
    """Deliveries, newest first; of one feed when a code is given. Raises NotAllowed."""
    rows = scoped(actor, Delivery.objects.select_related("feed", "region"))
    if code:
        rows = rows.filter(feed__code=code)
    return rows.order_by("-received_at", "-id")


def delivery(actor: Actor, delivery_id: int) -> Delivery:
    """One delivery in scope. Raises NotAllowed, UnknownDelivery."""
    rows = scoped(actor, Delivery.objects.select_related("feed", "region"))
    return found_in(rows.filter(pk=delivery_id), UnknownDelivery)


def by_sender_key(actor: Actor, code: str, sender_key: str) -> Delivery:
    """A department's own delivery by its own number. Raises UnknownDelivery."""
    rows = scoped(actor, Delivery.objects.select_related("feed"))
    return found_in(rows.filter(feed__code=code, sender_key=sender_key), UnknownDelivery)


def progress(found: Delivery) -> tuple[int, int]:
    """Pieces done, and pieces in all."""
    counts = found.pieces.aggregate(done=Count("id", filter=~Q(done_at=None)), all=Count("id"))
    return counts["done"], counts["all"]


def refused_rows(actor: Actor, found: Delivery) -> QuerySet[RefusedRow]:
    """Rows of a delivery that go back, in the file's order. Raises NotAllowed."""
    if actor.kind is not DEPARTMENT:
        require(actor, FEED_READ)
    return RefusedRow.objects.filter(delivery=found).order_by("row_number")


def reasons(found: Delivery) -> list[tuple[str, str, int]]:
    """Why rows went back: column title, reason, rows; most frequent first."""
    counted: dict[tuple[str, str], int] = {}
    for problems in found.refused_rows.values_list("problems", flat=True).iterator(2000):
        for one in problems:
            pair = (one["title"], one["reason"])
            counted[pair] = counted.get(pair, 0) + 1
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return [(title, reason, n) for (title, reason), n in ordered]


def unmatched_rows(
    actor: Actor, *, code: str = "", why: str = "", region: str = ""
) -> QuerySet[UnmatchedRow]:
    """Good rows without a person that nobody settled yet, oldest first. Raises NotAllowed."""
    require(actor, FEED_READ)
    rows = UnmatchedRow.objects.filter(
        **inside(region or actor.region or ""), state=UnmatchedState.OPEN
    )
    if code:
        rows = rows.filter(feed__code=code)
    if why:
        rows = rows.filter(why=why)
    return rows.select_related("feed", "region", "delivery").order_by("since", "id")


def unmatched_row(actor: Actor, row_id: int) -> UnmatchedRow:
    """One row without a person. Raises NotAllowed, UnknownDelivery."""
    require(actor, FEED_READ)
    return found_in(
        UnmatchedRow.objects.filter(**inside(actor.region or ""), pk=row_id).select_related(
            "feed", "region", "delivery"
        ),
        UnknownDelivery,
    )


def plain_cells(row: RefusedRow | UnmatchedRow) -> dict[str, str]:
    """The cells of a kept row as they came, by heading; the caller logs why it looks."""
    cells: dict[str, str] = json.loads(decrypt(row.cells))
    return cells


def keys_of(actor: Actor) -> QuerySet[FeedKey]:
    """Keys of departments for divisions inside the actor's, the newest first. Raises NotAllowed."""
    require(actor, FEED_KEY)
    keys = FeedKey.objects.order_by("-issued_at", "-id")
    return keys if actor.is_system else keys.filter(scope__startswith=actor.region or "-")


@lru_cache(maxsize=64)
def regions_inside(code: str) -> dict[str, str]:
    """Known divisions, code → name; of places inside a division also name → code, where only one
    bears it; the prefixes of their cities name nothing. They do not change while the program runs.
    """
    known = dict(Region.objects.values_list("code", "name")) | dict.fromkeys(cities(), "")
    here = Region.objects.filter(**inside(prefix(code, level_of(code)), "code"))
    names = [(name, code) for code, *both in here.values_list("code", "name", "short")
             for name in set(both)]  # fmt: skip
    count = Counter(name for name, _ in names)
    return known | {name: code for name, code in names if count[name] == 1}
