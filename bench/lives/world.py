"""The year as the platform lives it: every step by the action a person or a department takes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from songbai.core import clock
from songbai.core.accounts.models import Access
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.approvals.actions import vote
from songbai.core.approvals.rules import Verdict
from songbai.core.files.models import StoredFile
from songbai.core.ledger.queries import balance, total
from songbai.domain.benefits.actions.correcting import find_corrections
from songbai.domain.benefits.actions.cycles import confirm, notify, propose
from songbai.domain.benefits.actions.cycles import settle as settle_found
from songbai.domain.benefits.actions.paying import pay, start, take_answers, unfinished
from songbai.domain.benefits.bank import RecordingBank
from songbai.domain.benefits.models import (
    Cycle,
    CycleException,
    PaymentBatch,
    Suspension,
)
from songbai.domain.benefits.queries.accounts import accounts_of
from songbai.domain.benefits.rules.cycle import ExceptionState
from songbai.domain.benefits.tests.cycles import (
    LONGEVITY,
    another_officer,
    run_month,
    town_of,
)
from songbai.domain.elders.actions.facts import (
    derive_due,
    settle_moves,
)
from songbai.domain.elders.actions.turning import follow_turns
from songbai.domain.elders.models import CurrentFact, Elder, Followed, FollowedState, Proxy
from songbai.domain.elders.queries import person_of_records
from songbai.domain.elders.queries.family import agreements
from songbai.domain.elders.rules.kinds import REGISTER, kinds
from songbai.domain.matching.actions import settle
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OrderState
from tests.cast import Cast, acting

from .deeds import DEEDS, FIRST, PURPOSE, Told, deliver, moment, registered
from .story import DAYS, GRID, Life, Step

#: On this day of each month it is decided and paid.
PAID_ON = 20
#: The months that are paid; later ones put right what was learnt since.
PAID = (3, 7, 11)
#: Every so many days what time alone changes is derived.
NIGHT = 12 * GRID


@dataclass
class World:
    """Everybody, told truly and told with errors, in one register.

    ``in_sets``: departments deliver a day's rows together, not one by one.
    """

    cast: Cast
    in_sets: bool = False
    bank: RecordingBank = field(default_factory=RecordingBank)
    people: list[Told] = field(default_factory=list)
    officers: list[Actor] = field(default_factory=list)
    returned: set[int] = field(default_factory=set)

    def live(self, lives: Iterable[Life]) -> None:
        """Let a year pass."""
        with clock.moved_to(moment(0)):
            self._enter(list(lives))
            self.officers = [self.cast.officer, another_officer()]
        by_day: defaultdict[int, list[tuple[Told, Step]]] = defaultdict(list)
        for told in self.people:
            for step in told.life.truth if told.true else told.life.told:
                by_day[step.day].append((told, step))
        for day in range(0, DAYS + GRID, GRID):
            with clock.moved_to(moment(day)):
                if day % NIGHT == 0:
                    derive_due(SYSTEM)
                settle_moves(SYSTEM)
                steps = by_day[day]
                if self.in_sets:
                    deliver([one for one in steps if one[1].act == "fact"])
                    follow_turns(SYSTEM)
                for told, step in steps:
                    if step.act == "fact" and self.in_sets:
                        continue
                    DEEDS[step.act](self, told, step)
                    follow_turns(SYSTEM)
                settle(SYSTEM)
                follow_turns(SYSTEM)
                for cycle_id in unfinished():  # an account came to be known, or again
                    pay(SYSTEM, self.bank, cycle_id)
                    self.answered(cycle_id)
                if clock.now().month in PAID and _paid_between(day):
                    self._month(clock.month_of(clock.now()))
        with clock.moved_to(moment(DAYS + 60)):
            derive_due(SYSTEM)
            settle(SYSTEM)
            follow_turns(SYSTEM)
            cycle = run_month(clock.month_of(clock.now()), LONGEVITY)[LONGEVITY]
            self._looked_at(cycle)
            find_corrections(SYSTEM, cycle)

    def _enter(self, lives: list[Life]) -> None:
        for at, life in enumerate(lives):
            for true in (True, False):
                place = 1_000 + 2 * at + true
                self.people.append(Told(life, registered(life, place), true, place))

    def answered(self, cycle_id: int) -> None:
        """The bank books everything that is with it."""
        for batch in PaymentBatch.objects.filter(cycle_id=cycle_id, state="sent"):
            self.bank.answer(f"pay-{batch.reference}.csv", {})
        take_answers(SYSTEM, self.bank)

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
        self.answered(cycle.pk)

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
        with clock.moved_to(moment(DAYS + 60)):
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
    elder = told.whole
    facts = CurrentFact.objects.filter(elder=elder).exclude(source=REGISTER).select_related(None)
    months = [f"2026-{month:02d}" for month in range(1, 12)]
    accounts = accounts_of(LONGEVITY, months, [elder.pk])
    columns = [kind.column for kind in kinds().values() if kind.column and not kind.secret]
    shown = [column for column in columns if column != "name"]
    orders = Order.objects.filter(elder=elder).exclude(state=OrderState.CANCELLED)
    left = Followed.objects.filter(
        elder__in=person_of_records([elder.pk]), what="order", state=FollowedState.TO_DO
    )
    cancelled = Order.objects.filter(pk__in=left.values("subject_id"), state=OrderState.CANCELLED)
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
        "suspended": Suspension.objects.filter(elder=elder, ended_at=None).exists(),
        "files": StoredFile.objects.filter(person_id__in=told.records).count(),
        "may act": Proxy.objects.filter(
            elder=elder, account_id=account, valid_until__gt=now
        ).exists(),
        "reaches": Access.objects.filter(
            person_id=elder.pk, account_id=account, valid_until__gt=now
        ).exists(),
        "agreed": [
            bool(one.latest and one.latest.given)
            for one in agreements(SYSTEM, elder)
            if one.purpose.code == PURPOSE
        ],
        "joined": elder.pk == told.elder.pk or told.copy is not None,
    }


def _paid_between(day: int) -> bool:
    """Whether the day of paying lies in the days up to this one."""
    days = [FIRST + timedelta(days=day - back) for back in range(GRID)]
    return any(one.day == PAID_ON for one in days)
