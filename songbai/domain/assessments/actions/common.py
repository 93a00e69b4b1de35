"""What all acts on an assessment share: locking, moving, telling."""

from datetime import timedelta
from typing import Any

from songbai.core import clock
from songbai.core.accounts.actions import grant_access
from songbai.core.accounts.queries import reach_of_person
from songbai.core.accounts.registry import Act
from songbai.core.acting import Actor, Reach, on, publish, require
from songbai.core.errors import NotFound, Refused
from songbai.domain.assessments.models import Assessment, AssessorAnswers
from songbai.domain.assessments.queries import visible
from songbai.domain.assessments.rules.process import State
from songbai.domain.elders.declares import FAMILY
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import require_proxy

#: How long a body and its assessors may reach the elder they were sent to.
ACCESS = timedelta(days=180)
WHY = "assessment"


class TooLate(Refused):
    """这次评估已经到了下一步，不能再这样改。请刷新看最新状态。"""


class Stopped(Refused):
    """这次评估已暂停。请先恢复，再继续办理。"""


def reach_of(elder: Elder, body_id: int | None = None) -> Reach:
    """Who may reach an assessment of this elder."""
    reach = reach_of_person(elder.pk, elder.region_id)
    bodies = {body_id} if body_id else set()
    return Reach(reach.region, reach.organisations | bodies, reach.accounts)


def ask(actor: Actor, act: Act, elder: Elder, body_id: int | None = None) -> None:
    """Stop here unless the actor may do this for this elder; families need their binding.

    Raises NotAllowed.
    """
    require(actor, act, reach_of(elder, body_id))
    if actor.kind is FAMILY:
        require_proxy(actor, elder)


def lock(actor: Actor, assessment_id: int, act: Act, *, stopped: bool = False) -> Assessment:
    """The assessment, locked for this transaction, if the actor may do this to it.

    Raises NotFound, NotAllowed, Stopped.
    """
    require(actor, act)
    if not visible(actor).filter(pk=assessment_id).exists():
        raise NotFound
    found = (
        Assessment.objects.select_for_update(of=("self",))
        .select_related("elder", "body")
        .get(pk=assessment_id)
    )
    ask(actor, act, found.elder, found.body_id)
    if found.stopped_at and not stopped:
        raise Stopped
    return found


def let_in(row: Assessment | AssessorAnswers, **whom: int | None) -> None:
    """Let an account or a body (``account_id``, ``organisation_id``) reach the elder meanwhile."""
    until = clock.now() + ACCESS
    grant_access(person_id=row.elder_id, region=row.region_id, why=WHY, until=until, **whom)


def move(assessment: Assessment, new: State, *, allowed: set[State], **changes: Any) -> None:
    """Take one step of the state machine, if the assessment still stands where it may be taken.

    Raises TooLate.
    """
    old = State(assessment.state)
    if old not in allowed:
        raise TooLate
    change(assessment, state=new, **changes)


def change(assessment: Assessment, **changes: Any) -> None:
    """Write columns of a locked assessment."""
    changed = Assessment.objects.filter(pk=assessment.pk, state=assessment.state).update(**changes)
    if changed != 1:
        raise TooLate
    for name, value in changes.items():
        setattr(assessment, name, value)


def tell(actor: Actor, kind: str, assessment: Assessment, **payload: Any) -> None:
    """Publish what happened to an assessment."""
    publish(
        kind, actor, **on("assessment", assessment), organisation_id=assessment.body_id, **payload
    )
