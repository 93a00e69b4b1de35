"""Putting accounts of past months right: what is missing, too much, or no longer so."""

from collections import Counter
from datetime import datetime
from typing import Any

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.ledger.actions import post_many
from songbai.domain.benefits.models import Arrears, Cycle, Recovery
from songbai.domain.benefits.rules.account import Change
from songbai.domain.elders.queries import person_of_records

from .recovering import claim, release_last

#: Rows written at once.
BATCH = 5_000


class Corrections:
    """Differences found for one list, written together at the end.

    What is missing becomes arrears of the list, what is too much a recovery; arrears that are not
    owed after all are withdrawn before anybody is paid, and claims that are not are released.
    """

    def __init__(self, actor: Actor, cycle: Cycle) -> None:
        self.actor, self.cycle = actor, cycle
        self.arrears: list[Arrears] = []
        self.recoveries: list[Recovery] = []

    def put_right(
        self, elder: int, region: str, past: Cycle, change: Change, late: tuple[datetime, str]
    ) -> None:
        """Take up the change of one person's account of a past month; ``late`` explains it."""
        row = {"elder_id": elder, "region_id": region, "policy": past.policy,
               "month": past.month, "cycle": past, "known_at": late[0], "cause": late[1],
               "found_at": clock.now()}  # fmt: skip
        owed = change.coming
        if owed < 0:
            owed += self._withdraw(elder, past, -owed)
        if owed > 0:
            self.arrears.append(Arrears(amount=owed, **row))
        if change.claimed > 0:
            self.recoveries.append(Recovery(owed=change.claimed, **row))
        elif change.claimed < 0:
            release_last(self.actor, elder, past.policy, past.month, -change.claimed)

    def write(self) -> tuple[int, int]:
        """Write what was found; returns how many arrears and recoveries are new."""
        self._number()
        Arrears.objects.bulk_create(self.arrears, batch_size=BATCH)
        Recovery.objects.bulk_create(self.recoveries, batch_size=BATCH)
        post_many(self.actor, [claim(row, self.cycle.region_id) for row in self.recoveries])
        return len(self.arrears), len(self.recoveries)

    def _number(self) -> None:
        """A person's corrections of a month are counted on, arrears and recoveries together."""
        rows: list[Arrears | Recovery] = [*self.arrears, *self.recoveries]
        person = person_of_records({row.elder_id for row in rows})
        last: Counter[tuple[int, str]] = Counter()
        which: dict[str, Any] = {"policy": self.cycle.policy, "elder_id__in": person}
        for there in (Arrears.objects.filter(**which), Recovery.objects.filter(**which)):
            for elder, month, number in there.values_list("elder_id", "month", "number"):
                place = person[elder], month
                last[place] = max(last[place], number)
        for row in rows:
            place = person[row.elder_id], row.month
            last[place] += 1
            row.number = last[place]

    def _withdraw(self, elder: int, past: Cycle, fen: int) -> int:
        """Withdraw whole rows, the newest first, until they come to so much; returns how much."""
        withdrawn = 0
        for row in Arrears.objects.filter(
            payment=None, withdrawn_at=None, **_of(elder, past)
        ).order_by("-number"):  # fmt: skip
            if withdrawn >= fen:
                break
            Arrears.objects.filter(pk=row.pk).update(withdrawn_at=clock.now())
            withdrawn += row.amount
        return withdrawn


def _of(elder: int, past: Cycle) -> dict[str, Any]:
    records = list(person_of_records([elder]))
    return {"elder_id__in": records, "policy": past.policy, "month": past.month}
