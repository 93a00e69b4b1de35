"""The money of one district: credits given, held, earned and paid out, as the actions do."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np

from songbai.cli.demo import credits
from songbai.cli.demo.books import Books
from songbai.cli.demo.district import District
from songbai.cli.demo.identity import DateArray, IntArray
from songbai.cli.demo.tables import write
from songbai.cli.demo.work import Work
from songbai.core.ledger.registry import Bill, Payer, payer_of
from songbai.core.ledger.rules import transfer_id
from songbai.domain.benefits.declares import CREDIT
from songbai.domain.benefits.models import CreditGrant
from songbai.domain.benefits.queries import fund_account
from songbai.domain.benefits.rules.credit import month_ends
from songbai.domain.orders import money
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OWN
from songbai.domain.providers.models import Provider


def give(district: District, books: Books) -> dict[tuple[int, str], int]:
    """Credits of all months of the history; returns fen by elder (row) and month."""
    plan, batch = district.plan, district.batch
    given: dict[tuple[int, str], int] = {}
    regions = batch.village_code.tolist()
    for month in credits.months_between(plan.oldest, plan.tomorrow):
        month_credit = credits.credits_of(batch, month)
        policy, rows = month_credit.policy, np.flatnonzero(month_credit.amount)
        if not len(rows):
            continue
        at = np.minimum(credits.granted_at(month), plan.stamp)
        ids, elders = district.elder_ids[rows].tolist(), rows.tolist()
        places = [regions[row] for row in elders]
        amounts = month_credit.amount[rows].tolist()
        write(
            CreditGrant,
            {
                "id": district.numbers.take(CreditGrant, len(rows)),
                "elder_id": ids,
                "region_id": places,
                "policy": policy.code,
                "month": month,
                "group_name": month_credit.group[rows].tolist(),
                "amount": amounts,
                "granted_at": at,
                "lapses_at": month_ends(month),
                "lapsed_at": month_ends(month) if _ended(month, plan.now) else None,
            },
        )
        count = len(rows)
        fund = books.open(fund_account(district.code, month))
        books.post(
            id=[transfer_id("credit", policy.code, elder, month) for elder in ids],
            debit_id=[fund] * count,
            credit_id=[
                books.open(CREDIT.account_of(Bill(elder, place, month)))
                for elder, place in zip(ids, places, strict=True)
            ],
            amount=amounts,
            kind=["credit"] * count,
            month=[month] * count,
            subject_kind=["elder"] * count,
            subject_id=ids,
            memo=[f"{policy.name} {month}"] * count,
            at=[_text(at)] * count,
            actor_id=[None] * count,
            region_id=places,
            person_id=ids,
            organisation_id=[None] * count,
        )
        given.update(zip(((row, month) for row in elders), amounts, strict=True))
    return given


def move(district: District, work: Work, books: Books) -> None:
    """Hold every share; release the cancelled, earn the confirmed, pay out the settled."""
    orders = work.orders
    for payer, amount in ((CREDIT, work.credit), (payer_of(OWN), work.price - work.credit)):
        paying = amount > 0
        accounts = _Accounts(district, work, books, payer)
        for kind, at, round_ in (
            ("hold", orders.placed, 0),
            ("release", orders.cancelled, 0),
            ("earn", orders.confirmed, 1),
            ("settle", orders.settled, 0),
        ):
            rows = np.flatnonzero(paying & ~np.isnat(at))
            _post(district, work, books, accounts, (kind, round_), rows, at[rows], amount[rows])


def lapse(district: District, books: Books, given: dict[tuple[int, str], int]) -> None:
    """Give what was not spent of ended months back to the fund, as the action does."""
    ids, regions = district.elder_ids.tolist(), district.batch.village_code.tolist()
    left = books.balances()
    for month in sorted({month for _, month in given if _ended(month, district.plan.now)}):
        holders = [row for row, one in given if one == month]
        bills = [Bill(ids[row], regions[row], month) for row in holders]
        accounts = [books.open(CREDIT.account_of(bill)) for bill in bills]
        rest = [
            (row, account) for row, account in zip(holders, accounts, strict=True) if left[account]
        ]
        count = len(rest)
        books.post(
            id=[transfer_id("lapse", ids[row], month) for row, _ in rest],
            debit_id=[account for _, account in rest],
            credit_id=[books.open(fund_account(district.code, month))] * count,
            amount=[int(left[account]) for _, account in rest],
            kind=["lapse"] * count,
            month=[month] * count,
            subject_kind=["elder"] * count,
            subject_id=[ids[row] for row, _ in rest],
            memo=[f"{month} 没用完，退回"] * count,
            at=[month_ends(month).isoformat()] * count,
            actor_id=[None] * count,
            region_id=[regions[row] for row, _ in rest],
            person_id=[ids[row] for row, _ in rest],
            organisation_id=[None] * count,
        )


def _ended(month: str, now: datetime) -> bool:
    return month_ends(month) <= now


class _Accounts:
    """The four accounts money of an order passes, by row of the order."""

    def __init__(self, district: District, work: Work, books: Books, payer: Payer) -> None:
        self.district, self.work, self.books, self.payer = district, work, books, payer
        self.providers = [
            Provider(pk=int(number), region_id=row.region)
            for number, row in zip(district.provider_ids, district.network.providers, strict=True)
        ]
        self.elder_ids = district.elder_ids[work.orders.elder].tolist()
        self.regions = district.batch.village_code[work.orders.elder].tolist()
        self.months = work.orders.month.tolist()
        self.known: dict[tuple[Any, ...], int] = {}

    def sides(self, kind: str, row: int) -> tuple[int, int]:
        """Debit and credit of a transfer."""
        if kind == "hold":
            return self.paying(row), self.held(row)
        if kind == "release":
            return self.held(row), self.paying(row)
        if kind == "earn":
            return self.held(row), self.earned(row)
        return self.earned(row), self.paid(row)

    def paying(self, row: int) -> int:
        month = self.months[row] if self.payer.monthly else ""
        key = ("paying", self.elder_ids[row], month)
        if key not in self.known:
            order = Order(
                elder_id=self.elder_ids[row], region_id=self.regions[row], month=self.months[row]
            )
            self.known[key] = self.books.open(self.payer.account_of(money.bill_of(order)))
        return self.known[key]

    def held(self, row: int) -> int:
        provider = self.providers[int(self.work.provider[row])]
        key = ("held", provider.pk)
        if key not in self.known:
            self.known[key] = self.books.open(money.held_account(Order(provider=provider)))
        return self.known[key]

    def earned(self, row: int) -> int:
        provider = self.providers[int(self.work.provider[row])]
        key = ("earned", provider.pk, self.months[row])
        if key not in self.known:
            spec = money.earned_account(
                provider.pk, provider.region_id, self.payer, self.months[row]
            )
            self.known[key] = self.books.open(spec)
        return self.known[key]

    def paid(self, row: int) -> int:
        provider = self.providers[int(self.work.provider[row])]
        return self.books.open(money.paid_account(provider.pk, provider.region_id))


def _post(
    district: District,
    work: Work,
    books: Books,
    accounts: _Accounts,
    kind: tuple[str, int],
    rows: IntArray,
    at: DateArray,
    amount: IntArray,
) -> None:
    name, round_ = kind
    payer, count = accounts.payer, len(rows)
    chosen = rows.tolist()
    sides = [accounts.sides(name, row) for row in chosen]
    numbers = work.ids[rows].tolist()
    actor = {
        "hold": [work.placed_by[row].account for row in chosen],
        "earn": [
            work.families[row].account if work.orders.by_family[row] else None for row in chosen
        ],
        "settle": [district.officer.account] * count,
    }.get(name, [work.placed_by[row].account for row in chosen])
    books.post(
        id=[transfer_id("order", number, name, payer.code, round_) for number in numbers],
        debit_id=[side[0] for side in sides],
        credit_id=[side[1] for side in sides],
        amount=amount.tolist(),
        kind=[name] * count,
        month=[accounts.months[row] for row in chosen],
        subject_kind=["order"] * count,
        subject_id=numbers,
        memo=[f"订单 {work.number[row]} · {payer.words}" for row in chosen],
        at=_texts(at),
        actor_id=actor,
        region_id=[accounts.regions[row] for row in chosen],
        person_id=[accounts.elder_ids[row] for row in chosen],
        organisation_id=district.provider_ids[work.provider[rows]].tolist(),
    )


def _text(at: Any) -> str:
    return f"{np.datetime_as_string(at, unit='s')}+00"


def _texts(at: DateArray) -> list[str]:
    texts: list[str] = np.char.add(np.datetime_as_string(at, unit="s"), "+00").tolist()
    return texts
