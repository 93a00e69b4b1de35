"""Reading proposals, always as somebody."""

import json
from typing import Any

from django.db.models import QuerySet

from songbai.core import clock, scope
from songbai.core.accounts.rules import Actor
from songbai.core.crypto import decrypt
from songbai.core.found import found_in

from .models import Proposal
from .registry import kinds
from .rules import ProposalState


def visible(actor: Actor) -> QuerySet[Proposal]:
    """Proposals in the actor's area, about people the actor acts for, or made by oneself."""
    return scope.visible(Proposal, actor)


def get(actor: Actor, proposal_id: int) -> Proposal:
    """One proposal in the actor's scope.

    Raises NotFound.
    """
    return found_in(visible(actor).filter(pk=proposal_id))


def waiting(actor: Actor) -> QuerySet[Proposal]:
    """What is open and not one's own, oldest first: the work list."""
    return (
        visible(actor)
        .filter(state=ProposalState.OPEN, expires_at__gt=clock.now(), kind__in=_known())
        .exclude(proposer_id=actor.account)
        .exclude(votes__voter_id=actor.account)
        .order_by("id")
    )


def of_person(actor: Actor, person_id: int, kind: str = "") -> QuerySet[Proposal]:
    """What was proposed about a person, newest first."""
    rows = visible(actor).filter(person_id=person_id)
    return (rows.filter(kind=kind) if kind else rows).order_by("-id")


def payload_of(proposal: Proposal) -> dict[str, Any]:
    """The decrypted content; who shows a secret from it logs the look."""
    found: dict[str, Any] = json.loads(decrypt(proposal.payload) or "{}")
    return found


def _known() -> list[str]:
    return [kind.name for kind in kinds()]
