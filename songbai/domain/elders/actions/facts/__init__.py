"""Writing facts: one way for a clerk's entry, a million rows of a department, and a decision."""

from .judging import (
    AccountTakesTwo,
    AlreadyDecided,
    WrongOrder,
    decide_conflict,
    disputed,
    end_disagreement,
    may_set_trust,
    set_trust,
)
from .lists import deliver_list
from .moves import reassign, settle_moves
from .rebuild import derive_due, people_to_rebuild, rebuild
from .record import NewFact, WrongPeriod, record_facts, withdraw
from .staged import STAGED, BatchResult, record_staged, staging
