"""How an assessment goes from request to final result: states, the sample, who may judge."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from songbai.core.worded import Worded

from .parts import Process


class State(StrEnum):
    """States of an assessment. Every state is a place to stop and go on from later."""

    REQUESTED = "requested"  # 已申请
    REFUSED = "refused"  # 自评不符合条件
    ACCEPTED = "accepted"  # 待分派
    ASSIGNED = "assigned"  # 已分派机构和评估员
    BOOKED = "booked"  # 已约好时间
    UNDER_WAY = "under_way"  # 正在评估
    DONE = "done"  # 两位评估员都填完，待合议
    RECONCILED = "reconciled"  # 已合议，待信息提供者签字
    SIGNED = "signed"
    IN_REVIEW = "in_review"  # 抽中复核
    PUBLICISED = "publicised"  # 公示中
    NOTICED = "noticed"  # 结果已告知，可以申诉
    APPEALED = "appealed"
    FINAL = "final"
    CANCELLED = "cancelled"


S = State
#: The one transition table; the database trigger is generated from it.
TRANSITIONS: frozenset[tuple[State, State]] = frozenset(
    {
        (S.REQUESTED, S.REFUSED), (S.REQUESTED, S.ACCEPTED),
        (S.ACCEPTED, S.ASSIGNED), (S.ASSIGNED, S.ACCEPTED),
        (S.ASSIGNED, S.BOOKED), (S.BOOKED, S.ASSIGNED),
        (S.BOOKED, S.UNDER_WAY), (S.UNDER_WAY, S.DONE), (S.DONE, S.UNDER_WAY),
        (S.DONE, S.RECONCILED), (S.RECONCILED, S.DONE), (S.RECONCILED, S.SIGNED),
        (S.SIGNED, S.IN_REVIEW), (S.SIGNED, S.PUBLICISED), (S.SIGNED, S.NOTICED),
        (S.IN_REVIEW, S.PUBLICISED), (S.IN_REVIEW, S.NOTICED), (S.IN_REVIEW, S.DONE),
        (S.PUBLICISED, S.NOTICED), (S.PUBLICISED, S.APPEALED),
        (S.NOTICED, S.APPEALED), (S.NOTICED, S.FINAL), (S.APPEALED, S.FINAL),
        (S.REQUESTED, S.CANCELLED), (S.ACCEPTED, S.CANCELLED), (S.ASSIGNED, S.CANCELLED),
        (S.BOOKED, S.CANCELLED), (S.UNDER_WAY, S.CANCELLED), (S.DONE, S.CANCELLED),
        (S.RECONCILED, S.CANCELLED), (S.SIGNED, S.CANCELLED), (S.IN_REVIEW, S.CANCELLED),
    }
)  # fmt: skip
ENDS = {
    S.REFUSED: "asked for anew when things have changed",
    S.FINAL: "a review or a new assessment replaces the result; both stay readable",
    S.CANCELLED: "asked for anew",
}
#: Of one elder and instrument only one assessment may be in these at a time (appeals aside).
OPEN = frozenset(
    {S.REQUESTED, S.ACCEPTED, S.ASSIGNED, S.BOOKED, S.UNDER_WAY, S.DONE, S.RECONCILED, S.SIGNED,
     S.IN_REVIEW, S.PUBLICISED}
)  # fmt: skip
#: The result stands (and is paid on) in these.
CONCLUDED = frozenset({S.NOTICED, S.APPEALED, S.FINAL})
#: A body and its assessors are at work.
AT_WORK = frozenset({S.ASSIGNED, S.BOOKED, S.UNDER_WAY, S.DONE, S.RECONCILED})


class Channel(Worded):
    """Who asked for an assessment."""

    ELDER = "elder", "老人本人"
    PROXY = "proxy", "家属"
    VILLAGE = "village", "村社"
    HOSPITAL = "hospital", "出院"  # 出院
    DUE = "due", "到期"  # 到期
    APPEAL = "appeal", "申诉"


class Conflict(StrEnum):
    """Why a body or an assessor may not judge somebody, in words."""

    SERVES = "这家机构正在给这位老人提供服务"
    KIN = "是这位老人的家属或代办人"
    DECLARED = "已申报与这位老人有利害关系"
    BEFORE = "做过有争议的那一次评估"
    CERTIFICATE = "评估员证已到期"


def drawn(seed: str, number: int, percent: int) -> bool:
    """Whether an assessment falls into the random sample that a second body reviews.

    The same seed and number give the same answer for ever, so that the draw can be checked.
    """
    digest = hashlib.sha256(f"{seed}:{number}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % 10_000 < percent * 100


@dataclass(frozen=True)
class BodyLoad:
    """A body that could take an assessment: how many it can do in a month, how many it got."""

    body: int
    capacity: int
    given: int


def fair_order(bodies: Iterable[BodyLoad], seed: str) -> list[BodyLoad]:
    """Bodies in the order in which they should be asked: least used for its size first.

    Ties are settled by a hash of the seed (the assessment's number), not by who registered first.
    """

    def key(load: BodyLoad) -> tuple[float, bytes]:
        tie = hashlib.sha256(f"{seed}:{load.body}".encode()).digest()
        return load.given / load.capacity, tie

    return sorted((load for load in bodies if load.capacity > 0), key=key)


@dataclass(frozen=True)
class AssessorLoad:
    """An assessor who could go, and how many assessments are waiting for them already."""

    assessor: int
    medical: bool
    waiting: int


def choose_assessors(free: Sequence[AssessorLoad], process: Process) -> list[int] | None:
    """Who goes: the least burdened, with enough of medical or nursing background.

    The first is a medical one where any is needed. None when there are not enough.
    """
    ordered = sorted(free, key=lambda load: (load.waiting, load.assessor))
    chosen = [load for load in ordered if load.medical][: process.medical_at_least]
    if len(chosen) < process.medical_at_least:
        return None
    rest = [load for load in ordered if load not in chosen]
    chosen += rest[: process.assessors - len(chosen)]
    return [load.assessor for load in chosen] if len(chosen) == process.assessors else None
