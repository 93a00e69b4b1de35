"""What came of the planned visits up to now: placed, kept, doubted, confirmed, paid or called off.

Told by the loaders that stand beside the actions, so rows, money and events are the actions'.
"""

import heapq
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from math import cos, radians, sin, tau

from songbai.cli.demo.calendar import WINDOW_GRID, Stop, Waiting
from songbai.cli.demo.district import District
from songbai.cli.demo.geography import METRES_PER_DEGREE
from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.audit.actions import read_of
from songbai.core.audit.models import Read
from songbai.core.geo import Place
from songbai.core.ledger.registry import Terms, payer_of
from songbai.domain.benefits.models import CreditGrant
from songbai.domain.catalogue import measures
from songbai.domain.catalogue.models import Offer
from songbai.domain.catalogue.rules import load as catalogue
from songbai.domain.dispatch import loading as dispatch
from songbai.domain.dispatch.actions.common import Sent
from songbai.domain.dispatch.models import Assignment
from songbai.domain.dispatch.rules import Candidate, reason_words
from songbai.domain.elders.models import Elder
from songbai.domain.orders.actions import NewOrder
from songbai.domain.orders.loading import Past
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import (
    AUTO_CONFIRM,
    OWN,
    UNDO,
    OrderState,
    Purse,
    Split,
    split_price,
)
from songbai.domain.visits import loading as visits
from songbai.domain.visits.actions import Scan
from songbai.domain.visits.models import Visit
from songbai.domain.visits.rules import Doubt

CANCELLED_SHARE, BY_FAMILY_SHARE, CONFIRMED_SHARE = 0.015, 0.7, 0.62
"""Of orders; of those whose family has an account; of services the family confirms in a day."""
LATE_SHARE, SHORT_SHARE, OFFLINE_SHARE = 0.025, 0.012, 0.01
FAR_SHARE, NO_CODE_SHARE, NO_POSITION_SHARE = 0.008, 0.01, 0.005
NOTED_SHARE, READS_SHARE = 0.08, 0.5
STAR_SHARES = (0.01, 0.02, 0.07, 0.18, 0.72)
UNSETTLED_PROVIDERS = 2
"""So many providers still wait for the last month's money."""
STEPS_DAYS, EVENTS_DAYS, EVENTS_ELSEWHERE = 14, 7, 1
"""Steps and events are kept of the last days only, and always for the elders of the story."""
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
GOOD = ("很好，下次还请她来", "准时，做事细致", "老人很满意", "态度好，有耐心", "做完还收拾干净了")
POOR = ("来晚了，没有提前说", "做得有点赶", "和约定的时间对不上")
NOTES = ("请轻一点敲门，老人听力不好", "门口有台阶，请慢一点", "家里有狗，已拴好", "请先打电话")
CALLED_OFF = ("临时去子女家住几天", "老人住院了", "改天再约", "时间选错了")
LOOKED_AT = "打电话问了老人，确实来做了"
REASONS = {
    Doubt.FAR: "小区里信号不好，定位飘了",
    Doubt.NO_POSITION: "手机没有开定位权限",
    Doubt.NO_CODE: "门上的码磨花了，已报机构补码",
    Doubt.NOT_THERE: "门诊在另一个院区，送到那里了",
    Doubt.SHORT: "老人临时要出门，提前结束",
}
#: What a caregiver writes down for a measure; others get a plain word.
VALUES = {
    "水温℃": ("39", "40", "38.5"),
    "血压mmHg": ("128/76", "136/82", "142/85", "118/70"),
    "体温℃": ("36.4", "36.5", "36.7"),
    "体温℃、血压mmHg": ("36.5，130/78", "36.6，138/84"),
    "次/分": ("72", "68", "80"),
    "饭菜℃": ("62", "65"),
    "血糖mmol/L": ("6.1", "7.4", "5.8"),
    "大小cm": ("2×1.5", "1×1"),
    "量ml": ("200", "250"),
    "颜色和量ml": ("淡黄，300", "清亮，260"),
    "管数": ("2", "3"),
    "次数": ("1", "2"),
    "金额元": ("36.5", "82"),
    "厘米": ("72", "68"),
}
PLAIN = "正常"


@dataclass(slots=True)
class Life:
    """One order to be told: when it was placed, and the visit planned for it, if any."""

    elder: int
    offer: int
    placed: datetime
    window: tuple[datetime, datetime]
    stop: Stop | None = None
    starts: datetime | None = None
    came: datetime | None = None
    left: datetime | None = None


class History:
    """Tells the past of one district."""

    def __init__(self, district: District, past: Past, grants: Iterable[CreditGrant]) -> None:
        self.district, self.past, self.rng = district, past, district.random(7)
        self.now = district.plan.now
        self.named = set(district.named.rows() if district.named else [])
        self.elders: dict[int, Elder] = {}
        self.grants: dict[tuple[int, str], list[CreditGrant]] = defaultdict(list)
        for grant in sorted(grants, key=lambda grant: payer_of(grant.channel).order):
            self.grants[grant.elder_id, grant.month].append(grant)
        self.left = {grant.pk: grant.amount for found in self.grants.values() for grant in found}
        self.back: list[tuple[datetime, int, int]] = []
        self.skill_words = catalogue().skill_words
        since = timedelta(days=EVENTS_DAYS if district.named else EVENTS_ELSEWHERE)
        known = {int(district.elder_ids[row]) for row in self.named}
        first = clock.at(district.plan.today - since, 0)
        past.tells = lambda order, _at: order.window_start >= first or order.elder_id in known
        self.reads: list[Read] = []
        self.told = 0

    def tell(self, planned: list[Stop], waits: list[Waiting]) -> int:
        """All orders in the order in which they were placed; then providers are paid."""
        lives = sorted(
            [*self._lives(planned), *map(self._wait, waits)], key=lambda life: life.placed
        )
        orders = [self._live(life) for life in lives]
        self._settle(orders)
        for read in sorted(self.reads, key=lambda read: read.at):
            self.past.load.add(read)
        self.told = len(orders)
        return self.told

    def _wait(self, wait: Waiting) -> Life:
        begins = self.district.moment(wait.day, wait.begins)
        placed = self.now - timedelta(seconds=self.rng.randrange(180, 5 * 3600))
        return Life(wait.elder, wait.offer, placed, (begins, begins + 2 * HOUR))

    def _lives(self, planned: list[Stop]) -> Iterator[Life]:
        """When each planned visit was ordered, began and ended; nobody is at two doors at once."""
        rng, free, who = self.rng, self.now, (-1, -1)
        for stop in planned:
            starts = self.district.moment(stop.day, stop.start)
            window = self.district.moment(stop.day, stop.start // WINDOW_GRID * WINDOW_GRID)
            minutes = self.district.offered.items[stop.offer].minutes
            late = rng.random() < LATE_SHARE
            came = starts + timedelta(
                seconds=rng.randrange(16 * 60, 35 * 60) if late else rng.randrange(-360, 540)
            )
            if who == (stop.member, stop.day):
                came = max(came, free + 2 * MINUTE)
            short = rng.random() < SHORT_SHARE
            stay = minutes * 42 if short else minutes * 60 + rng.randrange(420)
            free, who = came + timedelta(seconds=stay), (stop.member, stop.day)
            yield Life(
                stop.elder,
                stop.offer,
                self._placed(window),
                (window, window + HOUR),
                stop,
                starts,
                came,
                free,
            )

    def _placed(self, window: datetime) -> datetime:
        """Some hours to four days before, between eight and nine in the evening."""
        rng = self.rng
        day = (window - timedelta(seconds=rng.randrange(8 * 3600, 96 * 3600))).astimezone(
            clock.SHANGHAI
        )
        by_day = clock.at(day.date(), 0) + timedelta(seconds=rng.randrange(8 * 3600, 21 * 3600))
        latest = min(window - 2 * HOUR, self.now - 30 * MINUTE)
        return min(by_day, latest - timedelta(seconds=rng.randrange(1800)))

    def _live(self, life: Life) -> Order:
        """Everything that happened to an order up to now."""
        rng, family = self.rng, self.district.families.get(life.elder)
        who = (rng.random() < BY_FAMILY_SHARE and family) or self.district.dispatcher
        order = self._place(who, life)
        if life.stop is None or life.starts is None or life.came is None or life.left is None:
            return order
        over = life.left < self.now and life.elder not in self.named
        if over and rng.random() < CANCELLED_SHARE:
            self._cancel(who, life, order)
            return order
        sent = self._send(life, life.stop, order)
        if life.came <= self.now:
            self._visit(life, sent, life.came, life.left)
        if life.left <= self.now:
            self._confirm(life.left, order, None if self._is_slow(life) else family)
        return order

    def _is_slow(self, life: Life) -> bool:
        """The daughter of the story has confirmed nothing for days."""
        return life.elder in self.named and life.window[0] > self.now - timedelta(days=4)

    def _place(self, who: Actor, life: Life) -> Order:
        district, rng = self.district, self.rng
        offer = district.offers[life.offer]
        while self.back and self.back[0][0] <= life.placed:
            _, grant, amount = heapq.heappop(self.back)
            self.left[grant] += amount
        key = (int(district.elder_ids[life.elder]), clock.month_of(life.window[0]))
        known = self.grants.get(key, ())
        given = [one for one in known if one.granted_at <= life.placed]
        later = [one for one in known if life.placed < one.granted_at < life.window[0]]
        split = self._split(offer, given)
        elder = self.elders.get(life.elder)
        if elder is None:
            region = district.region(life.elder)
            elder = self.elders[life.elder] = Elder(pk=key[0], region_id=region)
        note = rng.choice(NOTES) if rng.random() < NOTED_SHARE else ""
        new = NewOrder(self._uuid(), elder, [offer.pk], *life.window, note)
        going = district.hospital(life.elder) if offer.item.goes_out else None
        order = self.past.place(who, life.placed, new, [offer], going, split)
        if later:
            anew = self._split(offer, [one for one in known if one in given or one in later])
            if anew.own < split.own:
                at = max(one.granted_at for one in later)
                self.past.split_anew(at, order, anew)
                split = anew
        for one in known:
            self.left[one.pk] -= split.of(payer_of(one.channel))
        return order

    def _split(self, offer: Offer, given: Sequence[CreditGrant]) -> Split:
        """Who pays, of what is left of these."""
        purses = [
            Purse(payer_of(one.channel), self.left[one.pk], Terms(one.home_rate)) for one in given
        ]
        return split_price([(offer.item_id, offer.price)], [*purses, Purse(payer_of(OWN), None)])

    def _cancel(self, who: Actor, life: Life, order: Order) -> None:
        at = life.placed + (life.window[0] - life.placed) * self.rng.uniform(0.1, 0.9)
        self.past.cancel(who, at, order, self.rng.choice(CALLED_OFF))
        kept = {share.payer: share.amount for share in self.past.shares[order.pk]}
        for grant in self.grants.get((order.elder_id, order.month), ()):
            if grant.channel in kept:
                heapq.heappush(self.back, (at, grant.pk, kept[grant.channel]))

    def _send(self, life: Life, stop: Stop, order: Order) -> Assignment:
        """Decided the evening before, or soon after a late order; with the words of dispatch."""
        district, rng = self.district, self.rng
        evening = district.moment(stop.day - 1, 17 * 60 + 30)
        evening += timedelta(seconds=rng.randrange(1200))
        soon = life.placed + timedelta(seconds=rng.randrange(240, 900))
        at = min(max(evening, soon), self.now - MINUTE)
        choice = Candidate(0, "", 0, 0, stop.travel, stop.km, stop.again, 0.0)
        reason = reason_words(choice, order.skills, self.skill_words)
        staff, starts = district.staff[stop.member], district.moment(stop.day, stop.start)
        sent = Sent(staff.pk, starts, stop.travel, round(stop.km * 1000), reason)
        if district.dispatcher.account_id and rng.random() < READS_SHARE:
            self._read(
                district.dispatcher, at, order, ["name", "address", "risks"], "派单", "/desk/"
            )
        return dispatch.send(self.past, district.dispatcher, at, order, sent, staff)

    def _visit(self, life: Life, sent: Assignment, came: datetime, left: datetime) -> None:
        """What the caregiver's phone recorded so far."""
        district, past = self.district, self.past
        caregiver = district.caregiver(sent.staff)
        item, home = district.offered.items[life.offer], district.home(life.elder)
        fields = ["name", "phone", "address"]
        self._read(caregiver, came, sent.order, fields, "上门服务", "/caregiver/")
        received, scan = self._scan(came, home, away=False)
        visit = visits.check_in(past, caregiver, received, sent, scan, home, REASONS)
        first = clock.at(district.plan.today - timedelta(days=STEPS_DAYS), 0)
        if came >= first or life.elder in self.named:
            self._steps(visit, life, came, left if left <= self.now else came + HOUR / 2)
        if left <= self.now:
            end = district.end(life.elder, item)
            received, scan = self._scan(left, end, away=not item.returns)
            visits.check_out(past, caregiver, received, visit, scan, end, REASONS)

    def _scan(self, at: datetime, place: Place, *, away: bool) -> tuple[datetime, Scan]:
        """What phones send: near the place, but for a few; at a destination hangs no code."""
        rng = self.rng
        far = rng.uniform(260, 900) if rng.random() < FAR_SHARE else 0
        radius = max(min(max(rng.expovariate(1 / 16), 2), 90), far) / METRES_PER_DEGREE
        angle = rng.random() * tau
        east = radius * cos(angle) / cos(radians(place.latitude))
        seen = Place(place.longitude + east, place.latitude + radius * sin(angle))
        offline = rng.random() < OFFLINE_SHARE
        wait = rng.randrange(720, 5400) if offline else rng.randrange(1, 5)
        received = min(at + timedelta(seconds=wait), max(self.now, at))
        scanned = not away and rng.random() >= NO_CODE_SHARE
        position = None if rng.random() < NO_POSITION_SHARE else seen
        return received, Scan(self._uuid(), "scanned" if scanned else "", position, at)

    def _steps(self, visit: Visit, life: Life, came: datetime, left: datetime) -> None:
        item = self.district.offered.items[life.offer]
        for place, step in enumerate(item.steps):
            at = came + (left - came) * (place + 1) / (len(item.steps) + 1)
            if at > self.now:
                return
            values = VALUES.get(step.measure, (PLAIN,)) if step.measure else ("",)
            code, value = f"{item.code}.{step.code}", self.rng.choice(values)
            value = measures.read(step.measure or "", value).text
            visits.record_step(self.past, at, visit, code, step.name, value)

    def _confirm(self, left: datetime, order: Order, family: Actor | None) -> None:
        """By the family's hand, or after a day by itself, once doubts have been looked at."""
        rng, due = self.rng, left + AUTO_CONFIRM
        by_hand = left + timedelta(seconds=600 + rng.expovariate(1 / (4 * 3600)))
        if family and by_hand < min(due, self.now) and rng.random() < CONFIRMED_SHARE:
            stars = rng.choices(range(1, 6), STAR_SHARES)[0]
            said = rng.choice(GOOD if stars >= 4 else POOR) if rng.random() < 0.3 else ""
            self.past.confirm(family, by_hand, order, stars, said)
        if order.held:
            looked = left + timedelta(hours=rng.uniform(2, 60))
            if looked > self.now:
                return
            self.past.look(self.district.dispatcher, looked, order, LOOKED_AT)
            due = looked + AUTO_CONFIRM
        itself = due + timedelta(seconds=rng.randrange(1, 300))
        if order.state == OrderState.TO_CONFIRM and itself <= self.now:
            self.past.confirm(SYSTEM, itself, order)

    def _settle(self, orders: list[Order]) -> None:
        """Each month is paid out on the fifth of the next; a few providers wait for the last."""
        last = clock.month_of(self.district.plan.today.replace(day=1) - timedelta(days=1))
        ids = self.district.provider_ids[: self.district.network.home_care].tolist()
        late = set(ids[2:][-UNSETTLED_PROVIDERS:])

        def side(order: Order) -> tuple[str, int]:
            return order.month, order.provider_id

        for (month, provider), theirs in groupby(sorted(orders, key=side), side):
            paid = clock.at(clock.month_bounds(month)[1].replace(day=5), 10)
            ready = [
                order
                for order in theirs
                if order.state == OrderState.DONE
                and not order.held
                and order.confirmed_at
                and order.confirmed_at < paid - UNDO
            ]
            if ready and paid <= self.now and not (month == last and provider in late):
                self.past.settle(self.district.officer, paid, ready)

    def _read(
        self, who: Actor, at: datetime, order: Order, fields: list[str], why: str, where: str
    ) -> None:
        """Who looked at whom, where it is told."""
        if self.past.tells(order, at):
            whose = order.elder_id, order.region_id
            self.reads.append(read_of(who, at, whose, fields, why, where))

    def _uuid(self) -> uuid.UUID:
        return uuid.UUID(int=self.rng.getrandbits(128), version=4)
