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
from songbai.core.sql import called, rows, value

from .rules import AccountSpec

# Thousands of rows go to the record as one text: arrays of them are written value by value.
_OPEN_MANY = """
SELECT o.code, o.id FROM (
  SELECT array_agg(code) AS codes, array_agg(name) AS names, array_agg(unit) AS units,
    array_agg(floor) AS floors, array_agg(region) AS regions, array_agg(person) AS persons,
    array_agg(organisation) AS organisations
  FROM json_to_recordset(%s) AS r(code text, name text, unit text, floor bigint, region text,
    person bigint, organisation bigint)
) a, ledger_open_many(codes, names, units, floors, regions, persons, organisations) o
"""
_POST_MANY = """
SELECT ledger_post_many(array_agg(id), array_agg(debit), array_agg(credit), array_agg(amount),
  array_agg(kind), array_agg(month), array_agg(subject_kind), array_agg(subject), array_agg(memo),
  %s, %s::bigint, array_agg(region), array_agg(person), array_agg(organisation),
  array_agg(reverses))
FROM json_to_recordset(%s) AS r(id uuid, debit bigint, credit bigint, amount bigint, kind text,
  month text, subject_kind text, subject bigint, memo text, region text, person bigint,
  organisation bigint, reverses uuid)
"""
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
    opened = _open(postings)
    called("ledger_lock", sorted(opened.values()))
    for posting in postings:
        with _not_overdrawn():
            called(
                "ledger_post",
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
            )


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
    opened = _open(postings)
    posted = [
        {
            "id": str(posting.id),
            "debit": opened[posting.debit.code],
            "credit": opened[posting.credit.code],
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
    with _not_overdrawn():
        return int(value(_POST_MANY, [clock.now(), actor.account_id, json.dumps(posted)]))


def hold(specs: Iterable[AccountSpec]) -> dict[str, int]:
    """Balances by code of accounts that nobody else moves until the transaction ends.

    For the owner's jobs; an account never opened is 0 and is not held.
    """
    codes = [*{spec.code for spec in specs}]
    return dict.fromkeys(codes, 0) | dict(rows(_HOLD, [codes]))


def _open(postings: Sequence[Posting]) -> dict[str, int]:
    """Numbers by code of the accounts of these postings, opened where there are none."""
    specs = {side.code: side for p in postings for side in (p.debit, p.credit)}.values()
    asked = [
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
    return dict(rows(_OPEN_MANY, [json.dumps(asked)]))
