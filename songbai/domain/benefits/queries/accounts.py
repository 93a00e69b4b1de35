"""The accounts of people by policy and month, summed over everything that moved their money.

Over all districts that paid somebody, and over all records of a person.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable

from songbai.domain.benefits.models import Arrears, Payment, Recovery
from songbai.domain.benefits.rules.account import MonthAccount
from songbai.domain.benefits.rules.paying import PaymentState
from songbai.domain.elders.queries import person_of_records

#: Arrears of suspended money: what was kept back then is given now.
RESUMED = "resumed"
#: Payments of which nothing can be said yet: the money is with us or with the bank.
_MOVING = frozenset({PaymentState.READY, PaymentState.SENT, PaymentState.FAILED, PaymentState.HELD})

Place = tuple[int, str]
Sums = defaultdict[Place, "Counter[str]"]


def accounts_of(
    policy: str, months: Collection[str], people: Iterable[int]
) -> defaultdict[Place, MonthAccount]:
    """The accounts of these people (survivors of merges) by person and month."""
    person = person_of_records(people)
    which: dict[str, object] = {"policy": policy, "month__in": months, "elder_id__in": person}
    sums: Sums = defaultdict(Counter)
    _payments(sums, person, which)
    _arrears(sums, person, which)
    rows = Recovery.objects.filter(**which).values_list(
        "elder_id", "month", "owed", "settled", "waived", "released"
    )
    for elder, month, owed, settled, waived, released in rows:
        sums[person[elder], month].update(
            returned=settled, waived=waived, claimed=owed - settled - waived - released
        )
    found: defaultdict[Place, MonthAccount] = defaultdict(MonthAccount)
    for place, fen in sums.items():
        moving = bool(fen.pop("moving", 0))
        found[place] = MonthAccount(**fen, moving=moving)
    return found


def _payments(sums: Sums, person: dict[int, int], which: dict[str, object]) -> None:
    rows = Payment.objects.filter(**which).exclude(state=PaymentState.CANCELLED)
    for elder, month, state, entitled in rows.values_list("elder_id", "month", "state", "entitled"):
        if state in _MOVING:
            sums[person[elder], month]["moving"] = 1
        else:
            what = "kept" if state == PaymentState.SUSPENDED else "given"
            sums[person[elder], month][what] += entitled


def _arrears(sums: Sums, person: dict[int, int], which: dict[str, object]) -> None:
    rows = Arrears.objects.filter(**which).values_list(
        "elder_id", "month", "amount", "cause", "withdrawn_at", "payment__state"
    )
    for elder, month, amount, cause, withdrawn, state in rows:
        fen = sums[person[elder], month]
        if cause == RESUMED:
            fen["kept"] -= amount
        if withdrawn is not None or state == PaymentState.CANCELLED:
            continue
        if state in _MOVING:
            fen["moving"] = 1
        fen["coming" if state is None else "given"] += amount
