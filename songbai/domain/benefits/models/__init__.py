"""Tables of benefits, one file for each subject."""

from .correction import Arrears, Instalment, Recovery, Suspension
from .cycle import Cycle, CycleStep, PolicyText, Snapshot, SnapshotFile, TownPart
from .decision import CycleException, Decision
from .objection import Notice, NoticeGiven, Objection
from .payment import BankAnswer, CreditGrant, Payment, PaymentBatch, PaymentLine
