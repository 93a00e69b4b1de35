"""What people and departments do to one person on a day, each by its action."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.crypto import blind_index, encrypt
from songbai.core.errors import Refused
from songbai.core.files.actions import Owner, store
from songbai.domain.benefits.actions.correcting import resume, suspend
from songbai.domain.benefits.actions.paying import pay, take_answers, try_again
from songbai.domain.benefits.actions.paying.accounts import AfterDeath, NotOwed
from songbai.domain.benefits.models import Payment, PaymentLine
from songbai.domain.benefits.rules.paying import PaymentState, SuspensionReason
from songbai.domain.benefits.tests.cycles import LONGEVITY
from songbai.domain.benefits.tests.giving import grant_credit
from songbai.domain.elders.actions.consents import say
from songbai.domain.elders.actions.facts import NewFact, record_facts, withdraw
from songbai.domain.elders.actions.proxies import bind_proxy, end_proxy
from songbai.domain.elders.actions.turning import see_to
from songbai.domain.elders.declares import FAMILY
from songbai.domain.elders.models import Elder, Followed, FollowedState, Proxy
from songbai.domain.elders.models import Fact as StoredFact
from songbai.domain.elders.queries import person_of_records, survivor_of
from songbai.domain.elders.rules import HardshipClass, LivingSituation, ProxyScope
from songbai.domain.elders.rules.consents import purposes
from songbai.domain.elders.rules.kinds import kind_of
from songbai.domain.elders.tests.batches import record_batch
from songbai.domain.matching.actions import merge, settle, undo
from songbai.domain.matching.models import Merge
from songbai.domain.orders import actions as orders
from songbai.domain.orders.actions.reversing import take_back
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OrderState
from tests.cast import acting, make_account, make_elder
from tests.proofs import PDF

from .story import Fact, Life, Step

if TYPE_CHECKING:
    from .world import World

FIRST = date(2026, 1, 5)
PURPOSE = "research"


@dataclass
class Told:
    """One telling of a life in the register: its record, the second one, and the wrong merge.

    ``place``: where it stands among all that are told, which makes its numbers.
    """

    life: Life
    elder: Elder
    true: bool
    place: int
    copy: Elder | None = None
    merged: Merge | None = None
    daughter: Actor | None = None
    suspended: int = 0

    @property
    def whole(self) -> Elder:
        """The record the person is read as."""
        return survivor_of(SYSTEM, Elder.objects.get(pk=self.elder.pk))

    @property
    def records(self) -> list[int]:
        """All records that are read as this one."""
        return list(person_of_records([self.whole.pk]))

    @property
    def family(self) -> Actor:
        """The daughter, who is bound on one of the first days."""
        assert self.daughter is not None
        return self.daughter


Deed = Callable[["World", Told, Step], None]
DEEDS: dict[str, Deed] = {}


def deed(*names: str) -> Callable[[Deed], Deed]:
    """Decorator for what a step of these names does."""

    def register(does: Deed) -> Deed:
        DEEDS.update(dict.fromkeys(names, does))
        return does

    return register


@deed("fact")
def _say(_: World, told: Told, step: Step) -> None:
    assert step.fact is not None
    elder = told.copy if step.copy and told.copy else told.elder
    elder.refresh_from_db()
    record_facts(SYSTEM, elder, [_fact(told, step.fact)], source=step.fact.source)


def deliver(said: Sequence[tuple[Told, Step]]) -> None:
    """What departments say on one day, each in one delivery."""
    by_source: defaultdict[str, list[tuple[object, ...]]] = defaultdict(list)
    for told, step in said:
        assert step.fact is not None
        elder = told.copy if step.copy and told.copy else told.elder
        new, secret = _fact(told, step.fact), kind_of(step.fact.kind).secret
        by_source[step.fact.source].append((
            elder.pk, new.kind, new.source_id, "" if secret else new.value,
            encrypt(new.value) if secret and new.value else b"",
            blind_index(new.value) if secret and new.value else b"",
            new.valid_from, new.valid_to, new.observed_at, new.withdrawn,
        ))  # fmt: skip
    for source, rows in sorted(by_source.items()):
        with transaction.atomic():
            record_batch(SYSTEM, rows, source=source)


@deed("officers")
def _withdraw(_: World, told: Told, step: Step) -> None:
    """On whose page officers find what was said: facts went along with merges."""
    fact = step.fact
    assert fact is not None
    row = _row(told, fact)
    said = StoredFact.objects.filter(kind=fact.kind, source=fact.source, source_id=row)
    withdraw(SYSTEM, said.latest("pk").elder, fact.kind, fact.source, row, reason="核对过证明")


@deed("bind", "bind again")
def _bind(_: World, told: Told, __: Step) -> None:
    told.daughter = told.daughter or make_account("王女", FAMILY)
    bind_proxy(
        SYSTEM,
        told.whole,
        Account.objects.get(pk=told.daughter.account),
        relation="女儿",
        scope=ProxyScope(order=True, money=True),
        proof="户口簿",
        until=moment(700),
    )


@deed("unbind")
def _unbind(_: World, told: Told, __: Step) -> None:
    proxy = Proxy.objects.get(elder=told.whole, account=told.family.account)
    end_proxy(SYSTEM, told.whole, proxy.pk, "老人的意思")


@deed("consent")
def _consent(world: World, told: Told, step: Step) -> None:
    officer, words = world.cast.officer, purposes()[PURPOSE]
    given, proof = step.word == "yes", "老人签字的同意书"
    with acting(officer):
        say(officer, told.whole, PURPOSE, given=given, version=words.version, proof=proof)


@deed("file")
def _file(_: World, told: Told, __: Step) -> None:
    store(SYSTEM, Owner(told.elder.region_id, told.elder.pk), "证.pdf", PDF, "身份证明")


@deed("order")
def _order(world: World, told: Told, step: Step) -> None:
    elder, day = told.whole, FIRST + timedelta(days=step.day2)
    grant_credit(SYSTEM, elder, clock.month_of(day))
    new = orders.NewOrder(
        key=uuid.uuid4(),
        elder=elder,
        offer_ids=[world.cast.cleaning.pk],
        window_start=clock.at(day, 9),
        window_end=clock.at(day, 11),
        again=True,  # told that she is away, or that somebody comes that day
    )
    try:
        orders.place(SYSTEM, new)
    except Refused:
        if elder.died_on is None:
            raise


@deed("given", "not given")
@transaction.atomic
def _look_at(world: World, told: Told, step: Step) -> None:
    """What became of an order: the care was given, or turned out not to be."""
    order = Order.objects.filter(
        elder_id__in=told.records,
        window_start=clock.at(FIRST + timedelta(days=step.day2), 9),
        state=OrderState.ACCEPTED,
    ).first()
    if order is None:
        return
    officer, given = world.cast.officer, step.act == "given"
    orders.mark_assigned(order)
    orders.mark_in_service(SYSTEM, order)
    orders.mark_served(SYSTEM, order, doubtful=step.word == "doubted")
    if step.word in {"confirmed", "paid", "unsure"}:
        orders.confirm(SYSTEM, order.pk)
    if step.word == "unsure":
        orders.undo_confirmation(SYSTEM, order.pk)
    elif step.word == "paid":
        with clock.moved_to(clock.now() + timedelta(hours=1)), acting(officer):
            orders.settle_month(officer, order.provider_id, order.month)
    elif step.word == "denied" or (not given and step.word == ""):
        orders.hold_back(SYSTEM, order.pk, "那天没有人来")
    order = orders.lock(order.pk)
    if order.held:
        orders.note_looked_at(officer, order, given=given, reason="电话问过家里")
    elif not given:
        take_back(officer, order, "查明没有做")
    if given:
        orders.confirm(SYSTEM, order.pk)


@deed("suspend")
def _suspend(_: World, told: Told, __: Step) -> None:
    why, note = SuspensionReason.REVIEW, "有人举报，要核实"
    with suppress(Refused):  # somebody read as one with her is suspended already
        told.suspended = suspend(SYSTEM, told.whole, LONGEVITY, why, clock.today(), note).pk


@deed("resume")
def _resume(_: World, told: Told, __: Step) -> None:
    if told.suspended:
        resume(SYSTEM, told.suspended, clock.today(), "核实了，举报不实")


@deed("returned")
def _return(world: World, told: Told, _: Step) -> None:
    """The bank gives back the latest payment it had booked, and books it when it is sent again."""
    paid = Payment.objects.filter(elder_id__in=told.records, state=PaymentState.PAID)
    payment = paid.order_by("-pk").first()
    if payment is None or payment.pk in world.returned:
        return
    world.returned.add(payment.pk)
    line = PaymentLine.objects.select_related("batch").get(payment=payment, state="paid")
    name = f"pay-{line.batch.reference}.csv"
    world.bank.answer(name, {line.number: "E003"}, part=f"-{line.number}")
    take_answers(SYSTEM, world.bank)
    maker = world.officers[0]
    with acting(maker), suppress(AfterDeath, NotOwed):
        try_again(maker, payment.pk)
    pay(SYSTEM, world.bank, payment.cycle_id)
    world.answered(payment.cycle_id)


@deed("copy")
def _copy(_: World, told: Told, __: Step) -> None:
    told.copy = registered(told.life, told.place, 1)


@deed("same")
def _same(_: World, told: Told, __: Step) -> None:
    assert told.copy is not None
    _join(told.elder, told.copy)


@deed("join")
def _wrong_join(world: World, told: Told, step: Step) -> None:
    mine = (told.life.seed, step.other)
    others = (one for one in world.people if (one.life.seed, one.life.number) == mine)
    told.merged = _join(told.elder, next(one for one in others if not one.true).elder)


@deed("part")
def _part(world: World, told: Told, _: Step) -> None:
    if told.merged is not None:
        undo(SYSTEM, told.merged.pk, "是两位老人")
        settle(SYSTEM)
    for asked in Followed.objects.filter(what="merge", state=FollowedState.TO_DO):
        third = Merge.objects.select_related("elder").get(pk=asked.subject_id)
        [whose] = [one for one in world.people if one.copy == third.elder]
        if survivor_of(SYSTEM, whose.elder).pk != third.survivor_id:
            undo(SYSTEM, third.pk, "是另一位老人的")
            settle(SYSTEM)
            _join(whose.elder, third.elder)
        see_to(SYSTEM, asked.pk, "问过家里，归到本人")


def _join(one: Elder, two: Elder) -> Merge | None:
    one, two = (survivor_of(SYSTEM, Elder.objects.get(pk=row.pk)) for row in (one, two))
    if one.pk == two.pk:
        return None
    made = merge(SYSTEM, one, two, reason="看着像一个人", score=1, why=[])
    settle(SYSTEM)
    return made


def registered(life: Life, place: int, copy: int = 0) -> Elder:
    """A record of the person: the first one, or a second one of the same name."""
    number = 2 * place + copy
    return make_elder(
        "王" + chr(0x4E00 + place % 20_000),
        number,
        id_number=f"500190{number:012d}",
        phone=f"128{number:08d}",
        birth_date=date(FIRST.year + 1 - life.age - 1, 7, 1),
        hardship=HardshipClass.NONE,
        living=LivingSituation.WITH_CHILDREN,
    )


def moment(day: int) -> datetime:
    """Eight in the morning of a day of the year."""
    return clock.at(FIRST + timedelta(days=day), 8)


def _row(told: Told, fact: Fact) -> str:
    """The department's own number of a record."""
    return f"{told.elder.pk}-{fact.row}"


def _fact(told: Told, fact: Fact) -> NewFact:
    begins = FIRST + timedelta(days=fact.begins) if fact.begins is not None else None
    value = fact.value
    if fact.kind == "death" and begins:
        value, begins = str(begins), None
    if fact.kind == "bank_card":
        value = f"62170{told.elder.pk:010d}{value}"
    return NewFact(
        fact.kind,
        "" if fact.gone else value,
        source_id=_row(told, fact),
        observed_at=moment(fact.observed) - timedelta(hours=1),
        valid_from=begins,
        valid_to=FIRST + timedelta(days=fact.ends) if fact.ends is not None else None,
        withdrawn=fact.gone,
    )
