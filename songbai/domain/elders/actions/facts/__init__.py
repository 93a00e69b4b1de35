"""Writing facts: one way for a clerk's entry, a million rows of a department, and a decision."""

from .judging import AlreadyDecided, WrongOrder, decide_conflict, may_set_trust, set_trust
from .lists import TooSmall, deliver_list
from .moves import reassign, settle_moves
from .rebuild import derive_due, people_to_rebuild, rebuild
from .record import NewFact, WrongPeriod, record_facts, withdraw
from .registered import keep_entry
from .staged import STAGED, BatchResult, record_staged, staging

__all__ = [
    "STAGED",
    "AlreadyDecided",
    "BatchResult",
    "NewFact",
    "TooSmall",
    "WrongOrder",
    "WrongPeriod",
    "decide_conflict",
    "deliver_list",
    "derive_due",
    "keep_entry",
    "may_set_trust",
    "people_to_rebuild",
    "reassign",
    "rebuild",
    "record_facts",
    "record_staged",
    "set_trust",
    "settle_moves",
    "staging",
    "withdraw",
]
