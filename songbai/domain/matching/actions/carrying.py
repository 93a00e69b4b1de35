"""Letting a survivor's view be derived from the facts of all records of the person.

A fact's content never changes; only whose it is, and only the owner of the tables may change that:
a job does it after each merge and undo, and from time to time for what departments wrote to merged
records in between. Which facts went is written down, so an undo gives back exactly those.
"""

from __future__ import annotations

from django.db import transaction

from songbai.core import clock, scope
from songbai.core.accounts.rules import Actor
from songbai.core.errors import NotAllowed
from songbai.domain.elders.actions.facts import reassign
from songbai.domain.elders.models import Elder, Fact
from songbai.domain.matching.models import Carried, Merge
from songbai.domain.matching.queries.joined import active_merges, survivors


def settle_facts(actor: Actor) -> int:
    """Bring every fact to the record it is read with: to the survivor of a merge, or back after an
    undo. Again changes nothing. Returns how many facts went.

    Raises NotAllowed for everybody but the system.
    """
    if not actor.is_system:
        raise NotAllowed
    taken_back = Merge.objects.filter(undo__isnull=False, carried__isnull=False).distinct()
    given = sum(_give_back(actor, made) for made in taken_back.order_by("-id"))
    written = scope.visible(Fact, actor).filter(elder_id__in=active_merges().values("elder_id"))
    waiting = active_merges().filter(elder_id__in=written.values("elder_id"))
    return given + sum(_carry(actor, made) for made in waiting.order_by("id"))


@transaction.atomic
def _carry(actor: Actor, made: Merge) -> int:
    """A fact that the survivor has word for word stays where it is."""
    facts = (
        scope.visible(Fact, actor)
        .filter(elder_id=made.elder_id)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    root = survivors([made.survivor_id])[made.survivor_id]
    moved = reassign(actor, list(facts), scope.visible(Elder, actor).get(pk=root)) if facts else []
    if moved:
        Carried.objects.create(merge=made, region_id=made.region_id, facts=moved, at=clock.now())
    return len(moved)


@transaction.atomic
def _give_back(actor: Actor, made: Merge) -> int:
    """The facts that this merge carried and the survivor still has."""
    carried = [fact for facts in made.carried.values_list("facts", flat=True) for fact in facts]
    root = survivors([made.survivor_id])[made.survivor_id]
    again = survivors([made.elder_id])[made.elder_id]
    if again == root:  # merged anew
        return 0
    still = scope.visible(Fact, actor).filter(pk__in=carried, elder_id=root).order_by("pk")
    facts = list(still.values_list("pk", flat=True))
    return len(reassign(actor, facts, made.elder)) if facts else 0
