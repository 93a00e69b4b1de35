"""What care plans add to the house."""

from songbai.core.accounts.registry import act
from songbai.core.audit.registry import read_field
from songbai.core.events.registry import Told, event
from songbai.core.following import empties, follows
from songbai.domain.elders.declares import DISPATCHER, FAMILY, OFFICER

from .models import CarePlan, CarePlanLine

CAREPLAN_READ = act("careplan.read", "看服务计划", FAMILY, DISPATCHER, OFFICER)
CAREPLAN_KEEP = act("careplan.keep", "定服务计划", FAMILY, DISPATCHER)


def _drafted(told: Told) -> str:
    return "照现在的计划另列一份，好修改" if told.get("revises") else "根据评估结果列出服务计划"


event("careplan.drafted", _drafted)
event("careplan.changed", "改了服务计划的内容")
event("careplan.agreed", "同意服务计划")
event(
    "careplan.ordered",
    lambda told: f"按服务计划订了接下来 7 天的上门，{len(told.get('orders', []))} 次",
)
event("careplan.ended", "停用服务计划")

read_field("care_plan", "服务计划")

event("careplan.restored", "服务计划恢复")

follows(CarePlan, merge="carried", death="ends", move="stays", erasure=empties("end_reason"))
follows(CarePlanLine, merge="carried", death="stays", move="stays", erasure="kept")
