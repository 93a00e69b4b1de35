"""What the ledger adds to the house."""

from __future__ import annotations

from songbai.core.following import follows

from .models import LedgerAccount, Transfer

follows(LedgerAccount, merge="together", death="held", move="stays", erasure="kept")
follows(Transfer, merge="together", death="stays", move="stays", erasure="kept")
