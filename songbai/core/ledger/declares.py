"""What the ledger adds to the house."""

from __future__ import annotations

from songbai.core.accounts.registry import act
from songbai.core.following import follows

from .models import LedgerAccount, Transfer

LEDGER_READ = act("ledger.read", "看账本")

follows(LedgerAccount, merge="together", death="held", move="stays", erasure="kept")
follows(Transfer, merge="together", death="stays", move="stays", erasure="kept")
