"""How an objection (异议) goes: states, grounds, who may answer, by when. Pure."""

from datetime import date
from enum import StrEnum

from songbai.core import working_days
from songbai.core.worded import Worded

#: Working days within which an objection is answered.
ANSWER_DAYS = 15


class State(StrEnum):
    """Where an objection stands."""

    OPEN = "open"  # 待受理
    TAKEN = "taken"  # 复核中
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


#: The only ways from state to state; the database holds to them too.
TRANSITIONS = (
    (State.OPEN, State.TAKEN),
    (State.TAKEN, State.ANSWERED),
    (State.OPEN, State.WITHDRAWN),
    (State.TAKEN, State.WITHDRAWN),
)
ENDS = {
    State.ANSWERED: "whoever disagrees objects again, and another officer answers",
    State.WITHDRAWN: "objected to anew",
}
#: Somebody still has to do something.
UNSETTLED = (State.OPEN, State.TAKEN)


class Channel(Worded):
    """How it came."""

    ELDER = "elder", "老人手机"
    PROXY = "proxy", "家属手机"
    COUNTER = "counter", "窗口"
    VILLAGE = "village", "村社"


class Ground(Worded):
    """What somebody says is wrong."""

    AGE = "age", "年龄不对"
    PLACE = "place", "户口或住处不对"
    HARDSHIP = "hardship", "家庭困难情况不对"
    HEALTH = "health", "身体情况不对"
    AMOUNT = "amount", "钱数不对"
    NOT_PAID = "not_paid", "钱没有收到"
    OTHER = "other", "别的不对"


def due_on(raised: date) -> date:
    """The last day for the answer."""
    return working_days.after(raised, ANSWER_DAYS)


def difference(then: int | None, now: int | None) -> int:
    """Fen to be paid in addition, or back when negative; 0 while one of both is not decided."""
    return 0 if then is None or now is None else now - then
