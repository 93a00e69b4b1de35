"""Tables of benefits, one file for each subject."""

from .correction import Arrears, Instalment, Recovery, Suspension
from .credit import CreditGrant
from .cycle import Cycle, CycleStep, TownPart
from .decision import CycleException, Decision
from .notice import Notice
from .objection import NoticeGiven, Objection
from .payment import BankAnswer, Payment, PaymentBatch, PaymentLine
from .snapshot import PolicyText, Snapshot, SnapshotFile
