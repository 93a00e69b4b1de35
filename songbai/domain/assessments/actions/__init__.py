"""Everything that is done to assessments: one function, one act of one person."""

from .appealing import AppealTooLate, appeal, read_notice
from .assigning import InterestHeld, NobodyFree, TimeTaken, assign, book, unassign
from .bodies import (
    AlreadyListed,
    NoWorkingAccount,
    let_go,
    link_account,
    recuse,
    register_assessor,
    register_body,
    renew_certificate,
)
from .common import Stopped, TooLate
from .deciding import (
    StillDifferent,
    advance,
    end_publicity,
    make_final,
    reconcile,
    sign,
)
from .doing import Incomplete, NewTap, Saved, finish, save_taps
from .occurring import note
from .oversight import close_outlier, notice_outliers
from .requesting import (
    AlreadyAsked,
    NewRequest,
    OldInstrument,
    cancel,
    go_on,
    request,
    request_due,
    stop,
)
from .reviewing import NoReviewer, change_reviewer, review
from .teaming import WrongTeam, choose_team

__all__ = [
    "AlreadyAsked",
    "AlreadyListed",
    "AppealTooLate",
    "Incomplete",
    "InterestHeld",
    "NewRequest",
    "NewTap",
    "NoReviewer",
    "NoWorkingAccount",
    "NobodyFree",
    "OldInstrument",
    "Saved",
    "StillDifferent",
    "Stopped",
    "TimeTaken",
    "TooLate",
    "WrongTeam",
    "advance",
    "appeal",
    "assign",
    "book",
    "cancel",
    "change_reviewer",
    "choose_team",
    "close_outlier",
    "end_publicity",
    "finish",
    "go_on",
    "let_go",
    "link_account",
    "make_final",
    "note",
    "notice_outliers",
    "read_notice",
    "reconcile",
    "recuse",
    "register_assessor",
    "register_body",
    "renew_certificate",
    "request",
    "request_due",
    "review",
    "save_taps",
    "sign",
    "stop",
    "unassign",
]
