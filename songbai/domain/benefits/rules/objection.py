"""How an objection (异议) goes: states, grounds, who may answer, by when. Pure."""

from datetime import date
from enum import StrEnum

from songbai.core import working_days

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
#: Somebody still has to do something.
UNSETTLED = (State.OPEN, State.TAKEN)


class Channel(StrEnum):
    """How it came."""

    ELDER = "elder"
    PROXY = "proxy"
    COUNTER = "counter"
    VILLAGE = "village"


CHANNEL_WORDS = {
    Channel.ELDER: "老人手机",
    Channel.PROXY: "家属手机",
    Channel.COUNTER: "窗口",
    Channel.VILLAGE: "村社",
}


class Ground(StrEnum):
    """What somebody says is wrong."""

    AGE = "age"
    PLACE = "place"
    HARDSHIP = "hardship"
    HEALTH = "health"
    AMOUNT = "amount"
    NOT_PAID = "not_paid"
    OTHER = "other"


GROUND_WORDS = {
    Ground.AGE: "年龄不对",
    Ground.PLACE: "户口或住处不对",
    Ground.HARDSHIP: "家庭困难情况不对",
    Ground.HEALTH: "身体情况不对",
    Ground.AMOUNT: "钱数不对",
    Ground.NOT_PAID: "钱没有收到",
    Ground.OTHER: "别的不对",
}


def due_on(raised: date) -> date:
    """The last day for the answer."""
    return working_days.after(raised, ANSWER_DAYS)


def difference(then: int | None, now: int | None) -> int:
    """Fen to be paid in addition, or back when negative; 0 while one of both is not decided."""
    return 0 if then is None or now is None else now - then
