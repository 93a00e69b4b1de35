"""Everything that is done to assessments: one function, one act of one person."""

from .appealing import appeal, read_notice
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
from .requesting import AlreadyAsked, NewRequest, cancel, go_on, request, request_due, stop
from .reviewing import NoReviewer, change_reviewer, review
from .teaming import choose_team
