"""Posting to the ledger. Called inside the action whose money it is."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, connection

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.errors import Refused

from .models import LedgerAccount
from .rules import AccountSpec


class Overdrawn(Refused):
    """余额不够，这笔钱没有划走。请刷新后再试。"""


@dataclass(frozen=True)
class Posting:
    """What to move, between whom, and why. ``id`` makes it idempotent."""

    id: uuid.UUID
    debit: AccountSpec
    credit: AccountSpec
    amount: int
    kind: str
    month: str
    subject: tuple[str, int]
    memo: str
    region: str
    person_id: int | None = None
    organisation_id: int | None = None
    reverses: uuid.UUID | None = None


def post(actor: Actor, postings: list[Posting]) -> None:
    """Write transfers in the caller's transaction; an id already posted is left as it is.

    Accounts are locked in the order of their ids, so concurrent posts cannot deadlock.
    Raises Overdrawn when an account would fall below its floor.
    """
    with connection.cursor() as cursor:
        opened = {
            spec.code: _open(cursor, spec)
            for spec in sorted(
                {p.debit for p in postings} | {p.credit for p in postings}, key=lambda s: s.code
            )
        }
        cursor.execute("SELECT ledger_lock(%s)", [sorted(opened.values())])
        for posting in postings:
            try:
                cursor.execute(
                    "SELECT ledger_post(%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s)",
                    [
                        posting.id,
                        opened[posting.debit.code],
                        opened[posting.credit.code],
                        posting.amount,
                        posting.kind,
                        posting.month,
                        *posting.subject,
                        posting.memo,
                        clock.now(),
                        actor.account_id,
                        posting.region,
                        posting.person_id,
                        posting.organisation_id,
                        posting.reverses,
                    ],
                )
            except IntegrityError as error:
                if "ledger_not_overdrawn" in str(error):
                    raise Overdrawn from error
                raise


def post_many(actor: Actor, postings: Sequence[Posting]) -> int:
    """``post`` for thousands of transfers in a few statements; returns how many were new.

    An account is moved once, by the sum of what it gives and gets, so one that would pass below its
    floor only between two of these transfers is not overdrawn. Raises Overdrawn.
    """
    if not postings:
        return 0
    with connection.cursor() as cursor:
        opened = _open_many(cursor, postings)
        rows = [
            (
                posting.id,
                opened[posting.debit.code],
                opened[posting.credit.code],
                posting.amount,
                posting.kind,
                posting.month,
                *posting.subject,
                posting.memo,
                posting.region,
                posting.person_id,
                posting.organisation_id,
                posting.reverses,
            )
            for posting in postings
        ]
        columns = [list(column) for column in zip(*rows, strict=True)]
        try:
            cursor.execute(
                "SELECT ledger_post_many(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[],"
                " %s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s, %s::bigint,"
                " %s::text[], %s::bigint[], %s::bigint[], %s::uuid[])",
                [*columns[:9], clock.now(), actor.account_id, *columns[9:]],
            )
        except IntegrityError as error:
            if "ledger_not_overdrawn" in str(error):
                raise Overdrawn from error
            raise
        return int(cursor.fetchone()[0])


def hold(specs: Iterable[AccountSpec]) -> dict[str, int]:
    """Balances by code of accounts that nobody else moves until the transaction ends.

    For the owner's jobs; an account never opened is 0 and is not held.
    """
    codes = sorted({spec.code for spec in specs})
    rows = LedgerAccount.objects.select_for_update(no_key=True).filter(code__in=codes)
    return dict.fromkeys(codes, 0) | dict(rows.order_by("id").values_list("code", "balance"))


def _open_many(cursor: object, postings: Sequence[Posting]) -> dict[str, int]:
    specs = list({side.code: side for p in postings for side in (p.debit, p.credit)}.values())
    cursor.execute(  # type: ignore[attr-defined]
        "SELECT code, id FROM ledger_open_many(%s::text[], %s::text[], %s::text[], %s::bigint[],"
        " %s::text[], %s::bigint[], %s::bigint[])",
        [
            [spec.code for spec in specs],
            [spec.name for spec in specs],
            [spec.unit.value for spec in specs],
            [spec.floor for spec in specs],
            [spec.region for spec in specs],
            [spec.person_id for spec in specs],
            [spec.organisation_id for spec in specs],
        ],
    )
    return dict(cursor.fetchall())  # type: ignore[attr-defined]


def _open(cursor: object, spec: AccountSpec) -> int:
    cursor.execute(  # type: ignore[attr-defined]
        "SELECT ledger_open(%s,%s,%s,%s,%s,%s,%s)",
        [
            spec.code,
            spec.name,
            spec.unit.value,
            spec.floor,
            spec.region,
            spec.person_id,
            spec.organisation_id,
        ],
    )
    account_id: int = cursor.fetchone()[0]  # type: ignore[attr-defined]
    return account_id
