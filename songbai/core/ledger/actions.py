"""Posting to the ledger. Called inside the action whose money it is."""

import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import IntegrityError

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.errors import Refused
from songbai.core.signing import asked
from songbai.core.sql import rows

from .rules import AccountSpec

_HOLD = """
SELECT code, balance FROM ledger_ledgeraccount WHERE code = ANY(%s) ORDER BY id FOR NO KEY UPDATE
"""


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
    if postings:
        _move(actor, postings, at_once=False)


@contextmanager
def _not_overdrawn() -> Iterator[None]:
    """Says in words what the constraint refused. Raises Overdrawn."""
    try:
        yield
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
    return _move(actor, postings, at_once=True)


def hold(specs: Iterable[AccountSpec]) -> dict[str, int]:
    """Balances by code of accounts that nobody else moves until the transaction ends.

    For the owner's jobs; an account never opened is 0 and is not held.
    """
    codes = [*{spec.code for spec in specs}]
    return dict.fromkeys(codes, 0) | dict(rows(_HOLD, [codes]))


def _move(actor: Actor, postings: Sequence[Posting], *, at_once: bool) -> int:
    """Thousands of transfers, and the accounts they name, go to the record as one signed text."""
    specs = {side.code: side for p in postings for side in (p.debit, p.credit)}.values()
    accounts = [
        {
            "code": spec.code,
            "name": spec.name,
            "unit": spec.unit.value,
            "floor": spec.floor,
            "region": spec.region,
            "person": spec.person_id,
            "organisation": spec.organisation_id,
        }
        for spec in specs
    ]
    transfers = [
        {
            "id": str(posting.id),
            "debit": posting.debit.code,
            "credit": posting.credit.code,
            "amount": posting.amount,
            "kind": posting.kind,
            "month": posting.month,
            "subject_kind": posting.subject[0],
            "subject": posting.subject[1],
            "memo": posting.memo,
            "region": posting.region,
            "person": posting.person_id,
            "organisation": posting.organisation_id,
            "reverses": posting.reverses and str(posting.reverses),
        }
        for posting in postings
    ]
    said = json.dumps(accounts), json.dumps(transfers)
    with _not_overdrawn():
        return int(asked("ledger_move", *said, clock.now(), actor.account_id, at_once))
