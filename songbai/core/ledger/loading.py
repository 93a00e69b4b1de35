"""A ledger by volume: accounts, transfers, and balances that are their sums."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from songbai.core.accounts.rules import Actor
from songbai.core.loading import Load, columns_of
from songbai.core.sql import rows, run

from .actions import Posting
from .models import LedgerAccount, Transfer
from .rules import AccountSpec

_KNOWN = "SELECT code, id FROM ledger_ledgeraccount WHERE code = ANY(%s)"
_MOVED = """
UPDATE ledger_ledgeraccount a SET balance = a.balance + m.fen
FROM unnest(%s::bigint[], %s::bigint[]) AS m(id, fen) WHERE a.id = m.id
"""


@dataclass
class Books:
    """What moves between accounts; ``close`` writes it at once, and opens those nobody had."""

    load: Load
    opened: dict[str, AccountSpec] = field(default_factory=dict)
    left: Counter[str] = field(default_factory=Counter)
    """What each account (by code) gained."""
    moved: list[tuple[Actor, datetime, Posting]] = field(default_factory=list)

    def post(self, actor: Actor, at: datetime, postings: Iterable[Posting]) -> None:
        """Move money as ``ledger.actions.post`` does at that moment."""
        for posting in postings:
            debit, credit = posting.debit, posting.credit
            self.opened[debit.code], self.opened[credit.code] = debit, credit
            self.left[debit.code] -= posting.amount
            self.left[credit.code] += posting.amount
            self.moved.append((actor, at, posting))

    def close(self) -> int:
        """Write all of it; the database refuses an account below its floor.

        Returns how many transfers.
        """
        if not self.opened:
            return 0
        number = dict(rows(_KNOWN, [[*self.opened]]))
        run(_MOVED, [[*number.values()], [self.left[code] for code in number]])
        specs = [spec for code, spec in self.opened.items() if code not in number]
        ids = self.load.take(LedgerAccount, len(specs)).tolist()
        number |= zip((spec.code for spec in specs), ids, strict=True)
        if specs:
            new = {
                **columns_of(LedgerAccount, specs),
                "id": ids,
                "region_id": [spec.region for spec in specs],
                "balance": [self.left[spec.code] for spec in specs],
            }
            self.load.write(LedgerAccount, new)
        said = [posting for _, _, posting in self.moved]
        return self.load.write(
            Transfer,
            {
                **columns_of(Transfer, said),
                "debit_id": [number[one.debit.code] for one in said],
                "credit_id": [number[one.credit.code] for one in said],
                "subject_kind": [one.subject[0] for one in said],
                "subject_id": [one.subject[1] for one in said],
                "at": [at for _, at, _ in self.moved],
                "actor_id": [actor.account_id for actor, _, _ in self.moved],
                "region_id": [one.region for one in said],
            },
        )
