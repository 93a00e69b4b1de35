"""What an officer may do next with an assessment, and the doing of it from a form."""

from collections.abc import Callable, Mapping
from datetime import datetime, time

from songbai.core import clock
from songbai.core.errors import Refused
from songbai.domain.assessments import actions
from songbai.domain.assessments.models import Assessment
from songbai.domain.assessments.rules.process import OPEN, State
from songbai.web.views import Actor, whole_number

Sent = Mapping[str, str]


def possible(found: Assessment) -> set[str]:
    """Names of the acts that the assessment's state allows now."""
    state, today = State(found.state), clock.today()
    acts = set()
    if state in OPEN:
        acts |= {"go_on"} if found.stopped_at else {"stop"}
        acts |= {"cancel"} if state is not State.PUBLICISED else set()
    if found.stopped_at:
        return acts
    acts |= {
        State.ACCEPTED: {"assign"},
        State.ASSIGNED: {"book", "unassign"},
        State.BOOKED: {"book", "unassign"},
        State.SIGNED: {"advance"},
        State.IN_REVIEW: {"other_reviewer"},
    }.get(state, set())
    if state is State.PUBLICISED:
        over = found.publicity_until is not None and today > found.publicity_until
        acts |= {"end_publicity"} if over else {"appeal"}
    if state is State.NOTICED:
        open_yet = found.appeal_until is not None and today <= found.appeal_until
        acts |= {"appeal"} if open_yet and not found.appeal_of_id else set()
        acts |= set() if open_yet else {"make_final"}
    return acts


def do(actor: Actor, assessment_id: int, sent: Sent) -> str:
    """Do what the pressed button says; what to tell the officer.

    Raises NotFound, NotAllowed, Refused with the field at fault.
    """
    act, reason = sent.get("act", ""), sent.get("reason", "")
    if known := _ACTS.get(act):
        return known(actor, assessment_id, sent)
    if plain := _PLAIN.get(act):
        plain[0](actor, assessment_id)
        return plain[1]
    if because := _WITH_REASON.get(act):
        because[0](actor, assessment_id, reason)
        return because[1]
    raise Refused("请按页面上的按钮办理。")


def _assign(actor: Actor, pk: int, sent: Sent) -> str:
    body = sent.get("body", "")
    actions.assign(actor, pk, whole_number(body) or None)
    return "已分派，下一步约时间。"


def _book(actor: Actor, pk: int, sent: Sent) -> str:
    minutes = sent.get("minutes", "")
    start = _start(sent.get("date", ""), sent.get("time", ""))
    actions.book(actor, pk, start, whole_number(minutes) or 90)
    return "时间约好了，评估员的手机上看得到。"


def _start(day: str, hour: str) -> datetime:
    try:
        begin = time.fromisoformat(hour)
        return clock.at(clock.day_of(day), begin.hour, begin.minute)
    except ValueError as error:
        raise Refused("请填日期和时间。", field="date") from error


def _advance(actor: Actor, pk: int, _: Sent) -> str:
    found = actions.advance(actor, pk)
    return {
        State.IN_REVIEW: "抽中复核，已交给另一家机构。",
        State.PUBLICISED: "开始公示。",
    }.get(State(found.state), "出结果了，告知书已生成。")


_ACTS: dict[str, Callable[[Actor, int, Sent], str]] = {
    "assign": _assign,
    "book": _book,
    "advance": _advance,
}
#: What needs nothing but the button, and what is told.
_PLAIN: dict[str, tuple[Callable[[Actor, int], object], str]] = {
    "other_reviewer": (actions.change_reviewer, "换了复核的评估员。"),
    "go_on": (actions.go_on, "已恢复。"),
    "end_publicity": (actions.end_publicity, "公示结束，出结果了。"),
    "make_final": (actions.make_final, "已成为最终结果。"),
}
_WITH_REASON: dict[str, tuple[Callable[[Actor, int, str], object], str]] = {
    "unassign": (actions.unassign, "已收回，可以重新分派。"),
    "stop": (actions.stop, "已暂停，填过的都在。"),
    "cancel": (actions.cancel, "已取消。"),
    "appeal": (actions.appeal, "申诉已登记，由另一家机构重新评估。"),
}
