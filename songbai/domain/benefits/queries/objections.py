"""Reading objections and notices given, always as somebody."""

from django.db.models import QuerySet

from songbai.core import clock, scope
from songbai.core.acting import Actor, require
from songbai.core.approvals.models import Proposal
from songbai.core.found import found_in
from songbai.domain.benefits.declares import BENEFIT_READ, OBJECTION_ANSWER
from songbai.domain.benefits.models import Cycle, NoticeGiven, Objection
from songbai.domain.benefits.rules.objection import UNSETTLED


def visible(actor: Actor) -> QuerySet[Objection]:
    """Objections the actor may see at all."""
    return scope.visible(Objection, actor)


def get(actor: Actor, objection_id: int) -> Objection:
    """One objection in the actor's scope, with its elder.

    Raises NotAllowed, and NotFound for everything outside the scope, whether it exists or not.
    """
    require(actor, BENEFIT_READ)
    rows = visible(actor).select_related("elder", "elder__region", "cycle")
    return found_in(rows.filter(pk=objection_id))


def of_elder(actor: Actor, elder_id: int) -> QuerySet[Objection]:
    """All objections about an elder, newest first. Raises NotAllowed."""
    require(actor, BENEFIT_READ)
    return visible(actor).filter(elder_id=elder_id).order_by("-id")


def to_answer(actor: Actor) -> QuerySet[Objection]:
    """The work list: what waits for an answer, the nearest deadline first. Raises NotAllowed."""
    require(actor, OBJECTION_ANSWER)
    rows = visible(actor).filter(state__in=UNSETTLED)
    return rows.select_related("elder").order_by("due_on", "id")


def answered(actor: Actor) -> QuerySet[Objection]:
    """What was answered or withdrawn, newest first. Raises NotAllowed."""
    require(actor, OBJECTION_ANSWER)
    rows = visible(actor).exclude(state__in=UNSETTLED)
    return rows.select_related("elder").order_by("-id")


def overdue(actor: Actor) -> int:
    """How many wait longer than they may. Raises NotAllowed."""
    return to_answer(actor).filter(due_on__lt=clock.today()).count()


def notices_given(actor: Actor, elder_id: int) -> QuerySet[NoticeGiven]:
    """Who was told about an elder's benefits, newest first. Raises NotAllowed."""
    require(actor, BENEFIT_READ)
    return NoticeGiven.objects.filter(elder_id=elder_id).order_by("-id")


def deciders(cycle: Cycle | None, town: str) -> list[int]:
    """Accounts that had a hand in a cycle: its steps, its approval, the town's confirmation."""
    if cycle is None:
        return []
    found = set(cycle.steps.values_list("by_id", flat=True))
    parts = cycle.towns.filter(region_id=f"{town[:9]}000")
    found |= set(parts.values_list("confirmed_by_id", flat=True))
    proposal = Proposal.objects.filter(pk=cycle.proposal_id or 0).first()
    if proposal is not None:
        found |= {proposal.proposer_id, *proposal.votes.values_list("voter_id", flat=True)}
    return sorted(account for account in found if account)
