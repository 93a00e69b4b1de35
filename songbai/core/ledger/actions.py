"""Posting to the ledger. Called inside the action whose money it is."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import IntegrityError, connection

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.errors import Refused

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
