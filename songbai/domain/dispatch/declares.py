"""What dispatch adds to the house."""

from datetime import datetime

from songbai.core import clock
from songbai.core.accounts.registry import act
from songbai.core.events.registry import Told, Words, detailed, event, listed
from songbai.core.following import follows
from songbai.domain.elders.declares import DISPATCHER
from songbai.domain.elders.rules import mask_name
from songbai.domain.providers.declares import CAREGIVER, PROVIDER

from .models import Assignment, PlanLine, Wish

DISPATCH_READ = act("dispatch.read", "看排班", DISPATCHER)
DISPATCH_PLAN = act("dispatch.plan", "排班派单", DISPATCHER)
VEHICLE_GIVE = act("vehicle.give", "派车", DISPATCHER, PROVIDER)
POSITION_SHARE = act("position.share", "共享位置", CAREGIVER)


def _masked(told: Told) -> str:
    return mask_name(told.get("caregiver", ""))


def _of_caregiver(words: str) -> Words:
    """The caregiver, why, and why somebody else than proposed."""

    def said(told: Told) -> str:
        instead = told.get("override")
        return detailed(
            words, _masked(told), told.get("reason", ""), f"改派原因：{instead}" if instead else ""
        )

    return said


def _despite(told: Told) -> str:
    """The wish that whoever comes does not meet."""
    return f"老人说过“{told['against']}”" if told.get("against") else ""


def _doubted(told: Told) -> str:
    """The doubt in spite of which somebody was sent."""
    return f"知道{told['doubt']}" if told.get("doubt") else ""


def _expected(told: Told) -> str:
    at = datetime.fromisoformat(told["expected"])
    return f"{_masked(told)}估计 {clock.shown(at)} 才到"


event(
    "order.assigned",
    _of_caregiver("派人"),
    desk=lambda told: listed(
        f"派给{_masked(told)}", _despite(told), _doubted(told), told.get("override", "")
    ),
    family=lambda told: listed(
        f"{told['who']}安排护理员{told.get('caregiver', '')}上门",
        _despite(told),
        f"原因：{told.get('override', '')}" if _despite(told) else "",
    ),
)
event(
    "assignment.withdrawn",
    _of_caregiver("撤回派人"),
    desk=lambda told: listed(f"不派{_masked(told)}了", told.get("override", "")),
    family=lambda told: f"{told['who']}换下了护理员{told.get('caregiver', '')}",
)
event(
    "assignment.dropped",
    _of_caregiver("没人去了，另外找人"),
    desk=lambda told: listed(f"{_masked(told)}不去了，还没人去", told.get("override", "")),
    family=lambda told: listed(
        f"护理员{told.get('caregiver', '')}来不了", told.get("override", ""), "正在另外安排人"
    ),
)
event(
    "assignment.moved",
    _of_caregiver("改上门时间"),
    desk=lambda told: listed(
        f"{_masked(told)}换了上门时间", _doubted(told), told.get("override", "")
    ),
    family=lambda told: listed(
        f"{told['who']}改了护理员{told.get('caregiver', '')}上门的时间", told.get("because", "")
    ),
)
event("assignment.late_expected", _of_caregiver("提醒可能晚到"), desk=_expected)
event("staff.absent", _of_caregiver("护理员不能来"))
event(
    "staff.gone",
    lambda told: detailed(
        "护理员去世" if told.get("died") else "护理员不再上班", _masked(told), told.get("why", "")
    ),
)
event("staff.back", lambda told: detailed("护理员恢复上班", _masked(told), told.get("why", "")))
event("vehicle.given", _of_caregiver("给班次配车"))
event("vehicle.taken_off", _of_caregiver("班次不带车了"))
event("plan.drafted", "排班草稿")
event("plan.changed", "改排班草稿")
event("plan.dropped", "排班草稿作废")
event("plan.published", "公布排班")
event("wish.stated", _of_caregiver("记下对护理员的要求"))
event("wish.ended", _of_caregiver("不再要求"))

follows(Assignment, merge="carried", death="ends", move="stays", erasure="kept")
follows(Wish, merge="carried", death="stays", move="stays", erasure="kept")
follows(PlanLine, merge="carried", death="stays", move="stays", erasure="kept")
