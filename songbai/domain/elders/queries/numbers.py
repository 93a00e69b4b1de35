"""Numbers of those who act for elders that somebody has to look at."""

from django.db.models import QuerySet

from songbai.core import clock, scope
from songbai.core.accounts.models import NumberDoubt
from songbai.core.accounts.queries import require
from songbai.core.accounts.rules import Actor
from songbai.core.errors import NotFound
from songbai.domain.elders.declares import PROXY_BIND
from songbai.domain.elders.models import Proxy


def doubts(actor: Actor) -> QuerySet[NumberDoubt]:
    """Open doubts about numbers of who acts for somebody in scope, the oldest first.

    Raises NotAllowed.
    """
    require(actor, PROXY_BIND)
    mine = scope.visible(Proxy, actor).filter(valid_until__gt=clock.now())
    rows = NumberDoubt.objects.filter(same=None, account__in=mine.values("account_id"))
    return rows.select_related("account").order_by("at", "id")


def doubt_of(actor: Actor, doubt_id: int) -> NumberDoubt:
    """One of them. Raises NotFound, NotAllowed."""
    found = doubts(actor).filter(pk=doubt_id).first()
    if found is None:
        raise NotFound
    return found


def acting_for(actor: Actor, account_id: int) -> list[Proxy]:
    """For whom in scope an account acts. Raises NotAllowed."""
    require(actor, PROXY_BIND)
    mine = scope.visible(Proxy, actor).filter(account_id=account_id, valid_until__gt=clock.now())
    return list(mine.select_related("elder").order_by("id"))
