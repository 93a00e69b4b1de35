"""A ledger by volume: accounts, transfers, and balances that are their sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from songbai.core.accounts.rules import Actor
from songbai.core.loading import Load

from .actions import Posting
from .models import LedgerAccount, Transfer
from .rules import AccountSpec


@dataclass
class Books:
    """Accounts nobody had before and what moves between them; ``close`` writes them at once."""

    load: Load
    opened: dict[str, LedgerAccount] = field(default_factory=dict)
    left: Counter[int] = field(default_factory=Counter)
    """What each account (by number) holds so far."""
    moved: list[tuple[Actor, datetime, Posting]] = field(default_factory=list)

    def post(self, actor: Actor, at: datetime, postings: Iterable[Posting]) -> None:
        """Move money as ``ledger.actions.post`` does at that moment."""
        for posting in postings:
            self.moved.append((actor, at, posting))
            self.left[self.account(posting.debit).pk] -= posting.amount
            self.left[self.account(posting.credit).pk] += posting.amount

    def account(self, spec: AccountSpec) -> LedgerAccount:
        """The account, opened on first use."""
        found = self.opened.get(spec.code)
        if found is None:
            found = self.opened[spec.code] = self.load.add(
                LedgerAccount(
                    code=spec.code,
                    name=spec.name,
                    unit=spec.unit,
                    floor=spec.floor,
                    region_id=spec.region,
                    person_id=spec.person_id,
                    organisation_id=spec.organisation_id,
                )
            )
        return found

    def close(self) -> int:
        """Write all of it; the database refuses an account below its floor.

        Returns how many transfers.
        """
        for account in self.opened.values():
            account.balance = self.left[account.pk]
        self.load.flush()
        said = [posting for _, _, posting in self.moved]
        return self.load.write(
            Transfer,
            {
                "id": [one.id for one in said],
                "debit_id": [self.opened[one.debit.code].pk for one in said],
                "credit_id": [self.opened[one.credit.code].pk for one in said],
                "amount": [one.amount for one in said],
                "kind": [one.kind for one in said],
                "month": [one.month for one in said],
                "subject_kind": [one.subject[0] for one in said],
                "subject_id": [one.subject[1] for one in said],
                "memo": [one.memo for one in said],
                "at": [at for _, at, _ in self.moved],
                "actor_id": [actor.account_id for actor, _, _ in self.moved],
                "region_id": [one.region for one in said],
                "person_id": [one.person_id for one in said],
                "organisation_id": [one.organisation_id for one in said],
            },
        )
