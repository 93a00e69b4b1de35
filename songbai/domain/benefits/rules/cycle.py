"""The way of a cycle, and the words for what it finds. Pure."""

from enum import IntEnum, StrEnum

from songbai.core.worded import Worded


class State(Worded):
    """Where a cycle (发放批次) stands."""

    FROZEN = "frozen", "已冻结资料"
    DECIDED = "decided", "已核定"
    CHECKED = "checked", "已自动检查"
    IN_TOWNS = "in_towns", "镇街核对中"
    NOTICED = "noticed", "已告知本人"
    PROPOSED = "proposed", "等待审批"
    APPROVED = "approved", "已批准"
    PAYING = "paying", "发放中"
    CLOSED = "closed", "已办结"


#: The only ways from state to state; the database holds to them too.
TRANSITIONS = (
    (State.FROZEN, State.DECIDED),
    (State.DECIDED, State.CHECKED),
    (State.CHECKED, State.IN_TOWNS),
    (State.IN_TOWNS, State.NOTICED),
    (State.NOTICED, State.PROPOSED),
    (State.PROPOSED, State.APPROVED),
    (State.APPROVED, State.PAYING),
    (State.PAYING, State.CLOSED),
    # Nothing to pay: approved with nobody on the list, or not paid in money.
    (State.APPROVED, State.CLOSED),
    # Nobody on the list and nothing to put right: no town, no officer has anything to do.
    (State.IN_TOWNS, State.CLOSED),
)
ENDS = {
    State.CLOSED: "closed stays; money that comes back is paid again from it, and what was learnt"
    " late is a line of a later list that names its month"
}


#: Files for the bank may be made; of a closed list only for what the bank gave back.
PAYABLE = frozenset({State.PAYING, State.CLOSED})


class Outcome(IntEnum):
    """What was decided for one person. Whoever fails a criterion has no row, but in the files."""

    YES = 1
    CANNOT_DECIDE = 2
    STOPPED = 3
    """Yes in the cycle before and no now."""
    STACKED = 4
    """Every criterion holds; another benefit rules it out."""


class Change(IntEnum):
    """Against the cycle before."""

    NONE = 0
    """Nothing was paid then, nothing is now."""
    SAME = 1
    NEW = 2
    CHANGED = 3
    STOPPED = 4


#: Causes of a change that are no fact; every other cause is the key of a fact.
CAUSE_WORDS = {
    "first": "第一次核定",
    "registered": "新登记",
    "gone": "不在登记里了",
    "merged": "并入同一人的另一份档案",
    "policy": "政策变了",
    "ended": "政策到期或取消了",
    "time": "年龄或月份到了",
    "stacking": "另一项待遇变了",
    "resumed": "恢复发放",
    "called_off": "先前那笔没有发出去",
}


class ExceptionKind(Worded):
    """Why somebody must look at a decision."""

    MISSING_FACT = "missing_fact", "缺资料，不能判断"
    DEATH = "death", "冻结后有去世登记"
    DOUBLE_ACCOUNT = "double_account", "几个人同一个账号"
    DOUBLE_PERSON = "double_person", "可能是重复登记的同一人"
    MOVED = "moved", "冻结后迁走"
    NO_ACCOUNT = "no_account", "没有一卡通账号"
    SANCTION = "sanction", "有待遇限制（服刑、出国定居、追缴中）"
    DISPUTED = "disputed", "部门说法不一，等待裁定"
    JUMP = "jump", "金额变化太大"


class ExceptionState(Worded):
    """What became of it."""

    OPEN = "open", "待处理"
    RELEASED = "released", "核对无误，照发"
    """Looked at: pay as decided."""
    HELD = "held", "本批不发"
    """Not paid in this cycle."""
    CARRIED = "carried", "转入以后批次"
    """The cycle was closed; a later one takes it up."""


EXCEPTION_TRANSITIONS = (
    (ExceptionState.OPEN, ExceptionState.RELEASED),
    (ExceptionState.OPEN, ExceptionState.HELD),
    (ExceptionState.OPEN, ExceptionState.CARRIED),
    # Said by mistake, and the town has not confirmed its part yet.
    (ExceptionState.RELEASED, ExceptionState.OPEN),
    (ExceptionState.HELD, ExceptionState.OPEN),
)
EXCEPTION_ENDS = {ExceptionState.CARRIED: "a later list finds it again"}

#: While one of these is open nothing is paid and the town cannot confirm its part.
BLOCKING = tuple(kind for kind in ExceptionKind if kind is not ExceptionKind.MISSING_FACT)


#: Whom to call; every notice says so.
PHONE = "12349"


class NoticeKind(StrEnum):
    """What a person is told; the keys of a policy's notice texts are granted, refused, stopped."""

    GRANTED = "granted"
    CHANGED = "changed"
    STOPPED = "stopped"
    ACCOUNT = "account"  # beside cycles: money goes to another account now


class FileKind(StrEnum):
    """Files of a snapshot: the facts, everybody's criteria, outcomes of whom none rules out."""

    FACTS = "facts"
    CRITERIA = "criteria"
    OUTCOMES = "outcomes"
