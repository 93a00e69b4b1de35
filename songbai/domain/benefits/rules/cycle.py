"""The way of a cycle, and the words for what it finds. Pure."""

from enum import IntEnum, StrEnum


class State(StrEnum):
    """Where a cycle (发放批次) stands."""

    FROZEN = "frozen"
    DECIDED = "decided"
    CHECKED = "checked"
    IN_TOWNS = "in_towns"
    NOTICED = "noticed"
    PROPOSED = "proposed"
    APPROVED = "approved"
    PAYING = "paying"
    CLOSED = "closed"


STATE_WORDS = {
    State.FROZEN: "已冻结资料",
    State.DECIDED: "已核定",
    State.CHECKED: "已自动检查",
    State.IN_TOWNS: "镇街核对中",
    State.NOTICED: "已告知本人",
    State.PROPOSED: "等待审批",
    State.APPROVED: "已批准",
    State.PAYING: "发放中",
    State.CLOSED: "已办结",
}

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
)


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


CHANGE_WORDS = {
    Change.NONE: "无",
    Change.SAME: "不变",
    Change.NEW: "新增",
    Change.CHANGED: "金额变化",
    Change.STOPPED: "停发",
}

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
}


class ExceptionKind(StrEnum):
    """Why somebody must look at a decision."""

    MISSING_FACT = "missing_fact"
    DEATH = "death"
    DOUBLE_ACCOUNT = "double_account"
    DOUBLE_PERSON = "double_person"
    MOVED = "moved"
    NO_ACCOUNT = "no_account"
    SANCTION = "sanction"
    DISPUTED = "disputed"
    JUMP = "jump"


EXCEPTION_WORDS = {
    ExceptionKind.MISSING_FACT: "缺资料，不能判断",
    ExceptionKind.DEATH: "冻结后有去世登记",
    ExceptionKind.DOUBLE_ACCOUNT: "几个人同一个账号",
    ExceptionKind.DOUBLE_PERSON: "可能是重复登记的同一人",
    ExceptionKind.MOVED: "冻结后迁走",
    ExceptionKind.NO_ACCOUNT: "没有一卡通账号",
    ExceptionKind.SANCTION: "有待遇限制（服刑、出国定居、追缴中）",
    ExceptionKind.DISPUTED: "部门说法不一，等待裁定",
    ExceptionKind.JUMP: "金额变化太大",
}


class ExceptionState(StrEnum):
    """What became of it."""

    OPEN = "open"
    RELEASED = "released"
    """Looked at: pay as decided."""
    HELD = "held"
    """Not paid in this cycle."""
    CARRIED = "carried"
    """The cycle was closed; a later one takes it up."""


EXCEPTION_STATE_WORDS = {
    ExceptionState.OPEN: "待处理",
    ExceptionState.RELEASED: "核对无误，照发",
    ExceptionState.HELD: "本批不发",
    ExceptionState.CARRIED: "转入以后批次",
}

#: While one of these is open nothing is paid and the town cannot confirm its part.
BLOCKING = tuple(kind for kind in ExceptionKind if kind is not ExceptionKind.MISSING_FACT)


class NoticeKind(StrEnum):
    """What a person is told; the keys of a policy's notice texts are granted, refused, stopped."""

    GRANTED = "granted"
    CHANGED = "changed"
    STOPPED = "stopped"


class FileKind(StrEnum):
    """Files of a snapshot: the facts, everybody's criteria, outcomes of whom none rules out."""

    FACTS = "facts"
    CRITERIA = "criteria"
    OUTCOMES = "outcomes"
