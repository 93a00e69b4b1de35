"""The year as the platform lives it: every step by the action a person or a department takes."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from songbai.core import clock
from songbai.core.accounts.models import Access
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.approvals.actions import vote
from songbai.core.approvals.rules import Verdict
from songbai.core.errors import Refused
from songbai.core.ledger.queries import balance, total
from songbai.domain.benefits.actions import grant_credit
from songbai.domain.benefits.actions.correcting import find_corrections
from songbai.domain.benefits.actions.cycles import confirm, notify, propose
from songbai.domain.benefits.actions.cycles import settle as settle_found
from songbai.domain.benefits.actions.paying import pay, start, take_answers
from songbai.domain.benefits.bank import RecordingBank
from songbai.domain.benefits.models import Cycle, CycleException, PaymentBatch
from songbai.domain.benefits.queries.accounts import accounts_of
from songbai.domain.benefits.rules.cycle import ExceptionState
from songbai.domain.benefits.tests.cycles import (
    LONGEVITY,
    another_officer,
    run_month,
    town_of,
)
from songbai.domain.elders.actions.consents import say
from songbai.domain.elders.actions.facts import (
    NewFact,
    derive_due,
    record_facts,
    settle_moves,
    withdraw,
)
from songbai.domain.elders.actions.proxies import end_proxy
from songbai.domain.elders.actions.turning import follow_turns
from songbai.domain.elders.models import CurrentFact, Elder, Followed, FollowedState, Proxy
from songbai.domain.elders.models import Fact as StoredFact
from songbai.domain.elders.queries import person_of_records, survivor_of
from songbai.domain.elders.queries.family import agreements
from songbai.domain.elders.rules import HardshipClass, LivingSituation
from songbai.domain.elders.rules.consents import purposes
from songbai.domain.elders.rules.kinds import REGISTER, kinds
from songbai.domain.matching.actions import merge, settle, undo
from songbai.domain.orders.actions import NewOrder, place
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OrderState
from tests.cast import Cast, acting, bind, make_account, make_elder

from .story import DAYS, GRID, Fact, Life, Step

FIRST = date(2026, 1, 5)
#: On this day of each month it is decided and paid.
PAID_ON = 20
#: The months that are paid; later ones put right what was learnt since.
PAID = (3, 7, 11)
#: Every so many days what time alone changes is derived.
NIGHT = 12 * GRID
_PURPOSE = "research"


@dataclass
class Told:
    """One telling of a life in the register: its record, the second one, and the wrong merge."""

    life: Life
    elder: Elder
    true: bool
    copy: Elder | None = None
    merged: Any = None
    daughter: Actor | None = None


@dataclass
class World:
    """Everybody, told truly and told with errors, in one register."""

    cast: Cast
    bank: RecordingBank = field(default_factory=RecordingBank)
    people: list[Told] = field(default_factory=list)
    officers: list[Actor] = field(default_factory=list)

    def live(self, lives: Iterable[Life]) -> None:
        """Let a year pass."""
        with clock.moved_to(_moment(0)):
            self._enter(list(lives))
            self.officers = [self.cast.officer, another_officer()]
        by_day: defaultdict[int, list[tuple[Told, Step]]] = defaultdict(list)
        for told in self.people:
            for step in told.life.truth if told.true else told.life.told:
                by_day[step.day].append((told, step))
        for day in range(0, DAYS + GRID, GRID):
            with clock.moved_to(_moment(day)):
                if day % NIGHT == 0:
                    derive_due(SYSTEM)
                settle_moves(SYSTEM)
                for told, step in by_day[day]:
                    self._take(told, step)
                    follow_turns(SYSTEM)
                settle(SYSTEM)
                follow_turns(SYSTEM)
                if clock.now().month in PAID and _paid_between(day):
                    self._month(clock.month_of(clock.now()))
        with clock.moved_to(_moment(DAYS + 60)):
            derive_due(SYSTEM)
            settle(SYSTEM)
            follow_turns(SYSTEM)
            cycle = run_month(clock.month_of(clock.now()), LONGEVITY)[LONGEVITY]
            self._looked_at(cycle)
            find_corrections(SYSTEM, cycle)

    def _enter(self, lives: list[Life]) -> None:
        for at, life in enumerate(lives):
            for true in (True, False):
                number = 3_000 + 4 * at + 2 * true
                elder = _registered(life, number)
                self.people.append(Told(life, elder, true))

    def _take(self, told: Told, step: Step) -> None:
        elder = told.copy if step.copy and told.copy else told.elder
        elder.refresh_from_db()
        match step.act:
            case "fact" if step.fact:
                record_facts(SYSTEM, elder, [_fact(told, step.fact)], source=step.fact.source)
            case "officers" if step.fact:
                fact = step.fact
                where = self._where(told, fact)
                row = _row(told, fact)
                withdraw(SYSTEM, where, fact.kind, fact.source, row, reason="两人核对过证明")
            case "bind":
                told.daughter = make_account("王女", self.cast.daughter.kind)  # type: ignore[arg-type]
                bind(survivor_of(SYSTEM, elder), told.daughter)
            case "unbind":
                whole = survivor_of(SYSTEM, elder)
                proxy = Proxy.objects.get(elder=whole, account=told.daughter.account)  # type: ignore[union-attr]
                end_proxy(SYSTEM, whole, proxy.pk, "老人的意思")
            case "consent":
                words = purposes()[_PURPOSE]
                with acting(self.cast.officer):
                    say(
                        self.cast.officer,
                        survivor_of(SYSTEM, elder),
                        _PURPOSE,
                        given=step.word == "yes",
                        version=words.version,
                        proof="老人签字的同意书",
                    )
            case "order":
                self._order(told, step)
            case "copy":
                told.copy = _registered(told.life, 9_000 - told.elder.pk)
            case "same":
                self._join(told.elder, told.copy)
            case "join":
                other = next(
                    one
                    for one in self.people
                    if not one.true
                    and (one.life.seed, one.life.number) == (told.life.seed, step.other)
                )
                told.merged = self._join(told.elder, other.elder)
            case "part":
                if told.merged is not None:
                    undo(SYSTEM, told.merged.pk, "是两位老人")
                    settle(SYSTEM)

    def _where(self, told: Told, fact: Fact) -> Elder:
        """On whose page officers find what was said: facts went along with merges."""
        records = [told.elder, *([told.copy] if told.copy else [])]
        whole = {survivor_of(SYSTEM, Elder.objects.get(pk=one.pk)).pk for one in records}
        said = StoredFact.objects.filter(
            elder_id__in=whole | {one.pk for one in records},
            kind=fact.kind,
            source=fact.source,
            source_id=_row(told, fact),
        )
        return said.latest("pk").elder

    def _join(self, one: Elder, two: Elder | None) -> Any:
        assert two is not None
        one, two = (survivor_of(SYSTEM, Elder.objects.get(pk=row.pk)) for row in (one, two))
        if one.pk == two.pk:
            return None
        made = merge(SYSTEM, one, two, reason="看着像一个人", score=1, why=[])
        settle(SYSTEM)
        return made

    def _order(self, told: Told, step: Step) -> None:
        elder = survivor_of(SYSTEM, told.elder)
        day = FIRST + timedelta(days=step.day2)
        grant_credit(SYSTEM, elder, clock.month_of(day))
        new = NewOrder(
            key=uuid.uuid4(),
            elder=elder,
            offer_ids=[self.cast.cleaning.pk],
            window_start=clock.at(day, 9),
            window_end=clock.at(day, 11),
        )
        try:
            place(SYSTEM, new)
        except Refused:
            if elder.died_on is None:
                raise

    def _month(self, month: str) -> None:
        """A month is decided, looked at, approved and paid."""
        cycle = run_month(month, LONGEVITY)[LONGEVITY]
        town = self._looked_at(cycle)
        find_corrections(SYSTEM, cycle)
        with acting(town):
            for part in cycle.towns.all():
                confirm(town, part.pk)
        cycle.refresh_from_db()
        maker, checker = self.officers
        with acting(maker):
            notify(maker, cycle)
            proposal = propose(maker, cycle)
        with acting(checker):
            vote(checker, proposal.pk, Verdict.YES)
        cycle.refresh_from_db()
        with acting(maker):
            start(maker, cycle)
        pay(SYSTEM, self.bank, cycle.pk)
        for batch in PaymentBatch.objects.filter(cycle=cycle, state="sent"):
            self.bank.answer(f"pay-{batch.reference}.csv", {})
        take_answers(SYSTEM, self.bank)

    def _looked_at(self, cycle: Cycle) -> Actor:
        """The town has looked at everything that holds money back."""
        town = town_of(cycle)
        holding = CycleException.objects.filter(
            cycle=cycle, state=ExceptionState.OPEN, blocking=True
        )
        with acting(town):
            for found in holding:
                settle_found(town, found.pk, pay=True, reason="电话核对过")
        return town

    def differences(self) -> dict[int, list[str]]:
        """By seed, in what a life told with errors stands otherwise than the truth."""
        found: defaultdict[int, list[str]] = defaultdict(list)
        with clock.moved_to(_moment(DAYS + 60)):
            if total() != 0:
                found[-1].append(f"the ledger sums to {total()}")
            for true, told in zip(self.people[::2], self.people[1::2], strict=True):
                should, stands = _standing(true), _standing(told)
                for what, value in should.items():
                    if stands[what] != value:
                        who = f"person {told.life.number} (elder {told.elder.pk})"
                        found[told.life.seed].append(
                            f"{who}: {what} is {stands[what]}, should be {value}"
                        )
        return dict(found)


def _standing(told: Told) -> dict[str, Any]:
    """State, money and rights of a person."""
    elder = survivor_of(SYSTEM, Elder.objects.get(pk=told.elder.pk))
    facts = CurrentFact.objects.filter(elder=elder).exclude(source=REGISTER).select_related(None)
    months = [f"2026-{month:02d}" for month in range(1, 12)]
    accounts = accounts_of(LONGEVITY, months, [elder.pk])
    columns = [kind.column for kind in kinds().values() if kind.column and not kind.secret]
    shown = [column for column in columns if column != "name"]
    orders = Order.objects.filter(elder=elder).exclude(state=OrderState.CANCELLED)
    left = Followed.objects.filter(
        elder__in=person_of_records([elder.pk]), what="order", state=FollowedState.TO_DO
    )
    cancelled = Order.objects.filter(pk__in=left.values("subject_id"))
    live = [
        *orders.values_list("window_start", "total"),
        *cancelled.values_list("window_start", "total"),
    ]
    now = clock.now()
    account = told.daughter.account if told.daughter else 0
    return {
        "facts": sorted(
            (one.kind, one.source, "" if one.kind in {"bank_card", "death"} else one.value)
            for one in facts
        ),
        "register": Elder.objects.filter(pk=elder.pk).values_list(*shown, "region_id").get(),
        "money": {
            month: one.has + one.coming - one.claimed
            for (_, month), one in sorted(accounts.items())
            if one.has + one.coming - one.claimed
        },
        "orders": sorted(live),
        "own money": balance(f"elder:{elder.pk}:own"),
        "may act": Proxy.objects.filter(
            elder=elder, account_id=account, valid_until__gt=now
        ).exists(),
        "reaches": Access.objects.filter(
            person_id=elder.pk, account_id=account, valid_until__gt=now
        ).exists(),
        "agreed": [
            bool(one.latest and one.latest.given)
            for one in agreements(SYSTEM, elder)
            if one.purpose.code == _PURPOSE
        ],
        "joined": elder.pk == told.elder.pk or told.copy is not None,
    }


def _registered(life: Life, number: int) -> Elder:
    return make_elder(
        "王" + chr(0x4E00 + number % 20_000),
        number,
        birth_date=date(FIRST.year + 1 - life.age - 1, 7, 1),
        hardship=HardshipClass.NONE,
        living=LivingSituation.WITH_CHILDREN,
    )


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
        observed_at=_moment(fact.observed) - timedelta(hours=1),
        valid_from=begins,
        valid_to=FIRST + timedelta(days=fact.ends) if fact.ends is not None else None,
        withdrawn=fact.gone,
    )


def _moment(day: int) -> datetime:
    return clock.at(FIRST + timedelta(days=day), 8)


def _paid_between(day: int) -> bool:
    """Whether the day of paying lies in the days up to this one."""
    days = [FIRST + timedelta(days=day - back) for back in range(GRID)]
    return any(one.day == PAID_ON for one in days)
