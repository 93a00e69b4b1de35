"""As what somebody acts for an elder, what the elder agreed to, and whose number is in doubt."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from songbai.core import clock, scope
from songbai.core.accounts.models import NumberDoubt
from songbai.core.accounts.queries import accounts_at_work
from songbai.core.acting import Actor, require
from songbai.core.errors import NotAllowed
from songbai.core.found import found_in
from songbai.core.regions.rules import inside
from songbai.core.signing import asked
from songbai.domain.elders.declares import CONSENT_READ, PROXY_BIND
from songbai.domain.elders.models import Consent, CurrentFact, Elder, LegalHold, Proxy
from songbai.domain.elders.queries import reach_of
from songbai.domain.elders.rules.consents import ConsentPurpose, purposes
from songbai.domain.elders.rules.family import Standing, standing_of
from songbai.domain.elders.rules.kinds import source_words


def standing(actor: Actor, elder: Elder) -> Standing:
    """As what the actor acts for this elder; the elder came from a scoped query.

    Raises NotAllowed when the actor has no binding in force.
    """
    if actor.region is not None:
        return Standing.OFFICE
    proxy = found_in(
        _in_force(elder).filter(account_id=actor.account),
        NotAllowed("您现在没有替这位老人办事的授权。请到社区办理，或拨 12349。"),
    )
    return standing_of(proxy.relation, guardian=proxy.is_guardian)


def guardian_of(elder: Elder) -> Proxy | None:
    """The guardian in force, if there is one."""
    return _in_force(elder).filter(is_guardian=True).first()


def kin_of(elder: Elder) -> set[int]:
    """The accounts that may act for an elder now."""
    return set(_in_force(elder).values_list("account_id", flat=True))


def ended_bindings(elder: Elder, limit: int = 20) -> list[Proxy]:
    """Who could act for an elder once, newest end first; the elder came from a scoped query."""
    rows = Proxy.objects.filter(elder=elder, valid_until__lte=clock.now())
    return list(rows.select_related("account").order_by("-valid_until")[:limit])


def death_source(elder: Elder) -> str:
    """Who said the death that stands, in words, or ""; the elder came from a scoped query."""
    said = CurrentFact.objects.filter(elder=elder, kind="death").first()
    return source_words().get(said.source, "") if said else ""


@dataclass(frozen=True)
class Agreement:
    """One purpose and what stands for it: never asked, given, withdrawn, or given to old words."""

    purpose: ConsentPurpose
    latest: Consent | None

    @property
    def in_force(self) -> bool:
        """Whether data may be shared for this purpose now."""
        return is_in_force(self.latest, self.purpose)

    @property
    def outdated(self) -> bool:
        """Whether consent was given to an older wording and must be asked again."""
        return bool(self.latest and self.latest.given and not self.in_force)


def latest_of(elder: Elder) -> QuerySet[Consent]:
    """What was said last of each purpose; the elder came from a scoped query."""
    return Consent.objects.filter(elder=elder).order_by("purpose", "-id").distinct("purpose")


def agreements(actor: Actor, elder: Elder) -> list[Agreement]:
    """All purposes with what stands for each. Raises NotAllowed."""
    require(actor, CONSENT_READ, reach_of(elder))
    latest = {row.purpose: row for row in latest_of(elder)}
    return [Agreement(purpose, latest.get(code)) for code, purpose in purposes().items()]


def history_of_consents(actor: Actor, elder: Elder) -> QuerySet[Consent]:
    """Everything given and withdrawn, newest first. Raises NotAllowed."""
    require(actor, CONSENT_READ, reach_of(elder))
    return Consent.objects.filter(elder=elder).order_by("-id")


def consenting(purpose: str, elder_ids: Iterable[int]) -> set[int]:
    """Those of these elders whose data may be shared for a purpose at this moment.

    Asked at every hand-over, never kept: a withdrawal takes effect with the next one.
    Raises KeyError for an unknown purpose.
    """
    words = purposes()[purpose]
    rows = (
        Consent.objects.filter(purpose=purpose, elder_id__in=set(elder_ids))
        .order_by("elder_id", "-id")
        .distinct("elder_id")
    )
    return {row.elder_id for row in rows if is_in_force(row, words)}


def is_in_force(latest: Consent | None, purpose: ConsentPurpose) -> bool:
    """Whether the newest row says yes to the wording of today.

    What changed in purpose, way or kind of data is asked anew (PIPL art. 14(2), from memory).
    """
    return latest is not None and latest.given and latest.version == purpose.version


def holds_of(elder: Elder) -> list[LegalHold]:
    """Holds in force, oldest first; the elder came from a scoped query."""
    return list(LegalHold.objects.filter(elder=elder, lifted_at=None).order_by("id"))


def _in_force(elder: Elder) -> QuerySet[Proxy]:
    return Proxy.objects.filter(elder=elder, valid_until__gt=clock.now()).order_by("id")


def doubts(actor: Actor) -> QuerySet[NumberDoubt]:
    """Open doubts about numbers of who acts for somebody in scope, the oldest first; and of who
    acts for nobody, anywhere, but did here, works here, or was doubted here.

    Raises NotAllowed.
    """
    require(actor, PROXY_BIND)
    ever, place = scope.visible(Proxy, actor), actor.region or ""
    acts = ever.filter(valid_until__gt=clock.now()).values("account_id")
    here = (
        Q(account__in=ever.values("account_id"))
        | Q(account__in=accounts_at_work(place))
        | Q(**inside(place, "region"))
    )
    waiting = NumberDoubt.objects.filter(same=None)
    others = waiting.filter(here).exclude(account__in=acts)
    nobodys = [one.pk for one in others if not asked("elders_is_bound", one.account_id)]
    rows = waiting.filter(Q(account__in=acts) | Q(pk__in=nobodys))
    return rows.select_related("account").order_by("at", "id")


def doubt_of(actor: Actor, doubt_id: int) -> NumberDoubt:
    """One of them. Raises NotFound, NotAllowed."""
    return found_in(doubts(actor).filter(pk=doubt_id))


def acting_for(actor: Actor, account_id: int) -> list[Proxy]:
    """For whom in scope an account acts. Raises NotAllowed."""
    require(actor, PROXY_BIND)
    mine = scope.visible(Proxy, actor).filter(account_id=account_id, valid_until__gt=clock.now())
    return list(mine.select_related("elder").order_by("id"))
