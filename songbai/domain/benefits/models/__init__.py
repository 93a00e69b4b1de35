"""Tables of benefits, one file for each subject."""

from .credit import CreditGrant
from .cycle import Cycle, CycleStep, TownPart
from .decision import CycleException, Decision
from .notice import Notice
from .objection import NoticeGiven, Objection
from .snapshot import PolicyText, Snapshot, SnapshotFile

__all__ = [
    "CreditGrant",
    "Cycle",
    "CycleException",
    "CycleStep",
    "Decision",
    "Notice",
    "NoticeGiven",
    "Objection",
    "PolicyText",
    "Snapshot",
    "SnapshotFile",
    "TownPart",
]
