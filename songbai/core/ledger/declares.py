"""What the ledger adds to the house."""

from songbai.core.accounts.registry import act
from songbai.core.audit.registry import read_field
from songbai.core.following import follows

from .models import LedgerAccount, Transfer

LEDGER_READ = act("ledger.read", "看账本")

read_field("account", "账户")

follows(LedgerAccount, merge="together", death="stays", move="stays", erasure="kept")
follows(Transfer, merge="together", death="stays", move="stays", erasure="kept")
