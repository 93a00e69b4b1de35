"""What visits add to the house."""

from songbai.core.accounts.registry import act
from songbai.core.audit.registry import read_field
from songbai.core.events.registry import Told, detailed, event, listed
from songbai.core.following import empties, follows
from songbai.domain.elders.declares import DISPATCHER, OFFICER
from songbai.domain.elders.rules import mask_name
from songbai.domain.providers.declares import CAREGIVER

from .models import Report, Visit, VisitStep
from .rules import Doubt, Trouble, Where, distance_words

VISIT_DO = act("visit.do", "上门服务", CAREGIVER)
VISIT_LOOK = act("visit.look", "核对有疑点的上门", DISPATCHER, OFFICER)


def _doubts(told: Told) -> list[str]:
    return [Doubt(doubt).words for doubt in told.get("doubts", [])]


def _broken_off(told: Told) -> bool:
    """Whether something asked was not done, or the elder was not well."""
    return bool({Doubt.STEPS, Doubt.SHORT, Doubt.UNWELL} & {*told.get("doubts", [])})


def _arrival(told: Told) -> str:
    how = "扫码签到" if told["in_scanned"] else "签到"
    off = told["in_metres"]
    where = "" if off is None else f"离家 {distance_words(off)}"
    return listed(how, where, "、".join(_doubts(told)))


def _departure(told: Told) -> str:
    where = f"在{told['ends_at']}" if told["ends_at"] else ""
    how = "扫码签退" if told["out_scanned"] else "签退"
    lasted = "" if told["minutes"] is None else f"服务 {told['minutes']} 分钟"
    return listed(f"{where}{how}", lasted, "、".join(_doubts(told)))


event(
    "visit.checked_in",
    lambda told: detailed("签到", mask_name(told.get("caregiver", "")), *_doubts(told)),
    desk=_arrival,
    family=lambda told: f"护理员{told.get('caregiver', '')}到了，已签到",
)


def _trouble(told: Told) -> str:
    return Trouble(told.get("trouble", Trouble.NO_ANSWER)).words


def _at_door(told: Told) -> bool:
    return bool(told.get("where", Where.DOOR) == Where.DOOR)


def _told_home(told: Told) -> str:
    who, said = told.get("caregiver", ""), told.get("note", "")
    if told.get("trouble") == Trouble.UNWELL:
        words = f"：{said}" if said else ""
        heard, then = ("说", "服务先停了，") if _at_door(told) else ("在电话里听说", "")
        return f"护理员{who}{heard}老人不舒服{words}。{then}请马上给老人或 12349 打电话"
    if told.get("trouble") == Trouble.DANGER:
        return f"护理员{who}量到{said}，先停下来处理，会再量一次"
    return f"护理员{who}到了门口，没人开门。您能联系上老人，请告诉 12349"


event(
    "visit.reported",
    lambda told: detailed(
        f"报{_trouble(told)}",
        mask_name(told.get("caregiver", "")),
        "" if _at_door(told) else Where.PHONE.words,
        told.get("note", ""),
    ),
    family=_told_home,
)
event(
    "visit.report_seen",
    lambda told: detailed(f"处理了{_trouble(told)}", told.get("outcome", "")),
    family=lambda told: f"{_trouble(told)}的事处理了：{told.get('outcome', '')}",
)
event(
    "visit.look_asked",
    lambda told: detailed(
        "请护理员看看老人", mask_name(told.get("caregiver", "")), f"登记说{told.get('because', '')}"
    ),
)
event(
    "visit.checked_out",
    lambda told: detailed("签退", mask_name(told.get("caregiver", "")), *_doubts(told)),
    desk=_departure,
    family=lambda told: (
        f"护理员{told.get('caregiver', '')}{'走了' if _broken_off(told) else '做完了'}，已签退"
    ),
)

read_field("visit", "上门记录")

follows(
    Visit, merge="carried", death="stays", move="stays", erasure=empties("in_reason", "out_reason")
)
follows(Report, merge="carried", death="stays", move="stays", erasure=empties("note", "outcome"))
follows(VisitStep, merge="carried", death="stays", move="stays", erasure="kept")
