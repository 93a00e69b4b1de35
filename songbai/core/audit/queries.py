"""Who looked."""

from __future__ import annotations

from django.db.models import QuerySet

from songbai.core.accounts.queries import require
from songbai.core.accounts.rules import Act, Actor, Reach
from songbai.core.regions.rules import bounds

from .models import Read


def reads_of(actor: Actor, person_id: int, reach: Reach) -> QuerySet[Read]:
    """Everyone who looked at a person's record, newest first.

    Raises NotAllowed.
    """
    require(actor, Act.READS_OF_ELDER, reach)
    return Read.objects.filter(person_id=person_id).order_by("-id")


def reads_in(actor: Actor) -> QuerySet[Read]:
    """Everyone who looked at anyone in the officer's area, newest first.

    Raises NotAllowed.
    """
    require(actor, Act.AUDIT_READ)
    low, high = bounds(actor.region or "")
    return Read.objects.filter(region_id__gte=low, region_id__lte=high).order_by("-id")
