"""Care plans end with a death or a move to another district or city; when it was none they stand
again.
"""

from songbai.core.accounts.rules import Actor
from songbai.domain.elders.models import Followed
from songbai.domain.elders.under_way import Cause, Life, under_way

from . import actions
from .models import CarePlan
from .queries import open_of
from .rules import PlanState


def _stop(actor: Actor, life: Life, plan: CarePlan) -> str:
    actions.end(actor, plan.pk, life.words)
    return f"服务计划 {plan.number} 停用"


def _again(actor: Actor, life: Life, followed: Followed) -> bool:  # noqa: ARG001
    return actions.stand_again(actor, followed.subject_id, PlanState(followed.detail["was"]))


under_way(
    CarePlan,
    "careplan",
    "服务计划",
    rows=open_of,
    stop=_stop,
    again=_again,
    back="照旧",
    causes=(Cause.DIED, Cause.MOVED, Cause.LEFT),
)
