"""The ledger of the demo city: accounts, transfers and balances that are their sums."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from songbai.cli.demo.tables import Numbers, write
from songbai.core.ledger.models import LedgerAccount, Transfer
from songbai.core.ledger.rules import AccountSpec

#: Columns of a transfer, in the order of :meth:`Books.post`.
COLUMNS = [
    "id",
    "debit_id",
    "credit_id",
    "amount",
    "kind",
    "month",
    "subject_kind",
    "subject_id",
    "memo",
    "at",
    "actor_id",
    "region_id",
    "person_id",
    "organisation_id",
]


class Books:
    """Collects accounts and transfers, then writes them at once."""

    def __init__(self) -> None:
        self.specs: list[AccountSpec] = []
        self.rows: dict[str, int] = {}
        self.columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}

    def open(self, spec: AccountSpec) -> int:
        """The row of an account, opened on first use."""
        row = self.rows.get(spec.code)
        if row is None:
            row = self.rows[spec.code] = len(self.specs)
            self.specs.append(spec)
        return row

    def post(self, **columns: Sequence[Any]) -> None:
        """Add transfers as columns of equal length, named as in :data:`COLUMNS`.

        ``debit_id`` and ``credit_id`` are rows given by :meth:`open`; ``at`` is text.
        """
        count = len(columns["id"])
        for name, column in self.columns.items():
            values = columns[name]
            if len(values) != count:
                raise ValueError(f"{name}: {len(values)} values for {count} transfers")
            column.extend(values)

    def balances(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """What every account holds after all transfers."""
        amount = np.array(self.columns["amount"], dtype=np.int64)
        found = np.zeros(len(self.specs), dtype=np.int64)
        np.add.at(found, np.array(self.columns["credit_id"], dtype=np.int64), amount)
        np.subtract.at(found, np.array(self.columns["debit_id"], dtype=np.int64), amount)
        return found

    def close(self, numbers: Numbers) -> int:
        """Write accounts and transfers; returns how many transfers.

        The database refuses an account below its floor.
        """
        ids = numbers.take(LedgerAccount, len(self.specs))
        write(
            LedgerAccount,
            {
                "id": ids,
                "code": [spec.code for spec in self.specs],
                "name": [spec.name for spec in self.specs],
                "unit": [spec.unit.value for spec in self.specs],
                "floor": [spec.floor for spec in self.specs],
                "region_id": [spec.region for spec in self.specs],
                "person_id": [spec.person_id for spec in self.specs],
                "organisation_id": [spec.organisation_id for spec in self.specs],
                "balance": self.balances(),
            },
        )
        rows: dict[str, Any] = dict(self.columns)
        for side in ("debit_id", "credit_id"):
            rows[side] = ids[np.array(rows[side], dtype=np.int64)]
        return write(Transfer, rows)
