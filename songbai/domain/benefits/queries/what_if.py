"""What another rule would cost, asked of a frozen snapshot; nothing is written anywhere."""

from collections.abc import Mapping

from django.db.models import Prefetch

from songbai.core.acting import Actor, require
from songbai.core.errors import NotAllowed
from songbai.core.regions.rules import level_of, prefix
from songbai.domain.benefits.lake import engine as lakes
from songbai.domain.benefits.models import Snapshot, SnapshotFile
from songbai.domain.benefits.population.what_if import Cut, Effect, what_if
from songbai.domain.benefits.rules.cycle import FileKind
from songbai.domain.benefits.rules.levers import Setting, changed
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.policy import Policy
from songbai.domain.elders.declares import OVERVIEW_READ

from .cycles import policies_of

#: The column of a snapshot with the division somebody is registered in.
PLACE = "region"


def snapshots(actor: Actor) -> list[Snapshot]:
    """Frozen snapshots that hold people of the actor's scope, the latest month first.

    Of each month and division the one taken last. Raises NotAllowed.
    """
    require(actor, OVERVIEW_READ)
    facts = Prefetch("files", SnapshotFile.objects.filter(kind=FileKind.FACTS), "facts")
    rows = Snapshot.objects.order_by("-month", "region_id", "-taken_at").prefetch_related(facts)
    found: dict[tuple[str, str], Snapshot] = {}
    for row in rows.select_related("region"):
        if reaches(actor, row) and row.facts:
            found.setdefault((row.month, row.region_id), row)
    return list(found.values())


def reaches(actor: Actor, snapshot: Snapshot) -> bool:
    """Whether a snapshot holds anybody of the actor's scope."""
    frozen, scope = frozen_prefix(snapshot), actor.region or ""
    return frozen.startswith(scope) or scope.startswith(frozen)


def frozen_prefix(snapshot: Snapshot) -> str:
    """The code prefix of what was frozen."""
    return prefix(snapshot.region_id, level_of(snapshot.region_id))


def effect(
    actor: Actor,
    snapshot: Snapshot,
    policy: Policy,
    settings: Mapping[str, Setting],
    place: str,
    digits: int,
) -> Effect:
    """What the settings would change for the people registered under a prefix, by its parts.

    Raises NotAllowed, also for a prefix outside the scope; SnapshotMissing, SnapshotDamaged;
    KeyError for a lever the policy has not.
    """
    require(actor, OVERVIEW_READ)
    if not place.startswith(actor.region or ""):
        raise NotAllowed
    otherwise, cut = changed(policy, settings), Cut(PLACE, digits=digits, prefix=place)
    with lakes.frozen(snapshot) as people:
        policies, month = policies_of(snapshot), Month(snapshot.month)
        return what_if(people, policy, otherwise, policies, month, cut)
