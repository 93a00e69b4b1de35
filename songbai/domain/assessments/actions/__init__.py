"""Everything that is done to assessments: one function, one act of one person."""

from songbai.domain.assessments.actions.bodies import close_outlier, notice_outliers

from .assigning import InterestHeld, NobodyFree, TimeTaken, assign, book, choose_team, unassign
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
from .concluding import appeal, read_notice
from .deciding import (
    StillDifferent,
    advance,
    end_publicity,
    make_final,
    reconcile,
    sign,
)
from .doing import Incomplete, NewTap, Saved, finish, save_taps
from .requesting import AlreadyAsked, NewRequest, cancel, go_on, note, request, request_due, stop
from .reviewing import NoReviewer, change_reviewer, review
