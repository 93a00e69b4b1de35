"""Actors and access."""

from collections.abc import Iterable

from django.db.models import QuerySet

from songbai.core import clock
from songbai.core.errors import NotAllowed
from songbai.core.regions.rules import Level, level_of

from .models import Access, Account, Role
from .registry import Act, home_roles, role_of
from .rules import FOR_RECORDS, Actor, Reach, may


def actors_of(account: Account) -> list[Actor]:
    """All roles an account holds today, as actors."""
    now = clock.now()
    return [
        actor_of(account, role)
        for role in account.roles.order_by("id")
        if role.valid_until is None or role.valid_until > now
    ]


def actor_of(account: Account, role: Role) -> Actor:
    """One role of an account as the actor it makes."""
    kind = role_of(role.kind)
    return Actor(
        account_id=account.pk,
        name=account.name,
        kind=kind,
        region=role.scope if kind.reaches == "region" else None,
        organisation_id=role.organisation_id if kind.reaches == "organisation" else None,
        role_id=role.pk,
    )


def names_of(account_ids: Iterable[int | None]) -> dict[int, tuple[str, bool]]:
    """Names of accounts, each with whether it is somebody at work (and not only family)."""
    wanted = {account_id for account_id in account_ids if account_id}
    at_work = set(
        Role.objects.filter(account_id__in=wanted)
        .exclude(kind__in=home_roles())
        .values_list("account_id", flat=True)
    )
    rows = Account.objects.filter(pk__in=wanted).values_list("pk", "name")
    return {account_id: (name, account_id in at_work) for account_id, name in rows}


def accounts_at_work(place: str) -> QuerySet[Role, int]:
    """The accounts of who works for a place, or a part of it."""
    rows = Role.objects.exclude(kind__in=home_roles()).filter(scope__startswith=place)
    return rows.values_list("account_id", flat=True)


def _now() -> QuerySet[Access]:
    """Access to people that holds now; who may only end own records reaches nobody."""
    return Access.objects.filter(valid_until__gt=clock.now()).exclude(why=FOR_RECORDS)


def reach_of_person(person_id: int, region: str) -> Reach:
    """Who has access to a person now."""
    pairs = list(_now().filter(person_id=person_id).values_list("account_id", "organisation_id"))
    return Reach(
        region=region,
        accounts=frozenset(account for account, _ in pairs if account),
        organisations=frozenset(organisation for _, organisation in pairs if organisation),
    )


def require(actor: Actor, act: Act, reach: Reach | None = None) -> None:
    """Stop here unless the actor may.

    Raises NotAllowed.
    """
    if not may(actor, act, reach):
        raise NotAllowed


def of_district(actor: Actor) -> bool:
    """Whether the actor answers for a whole district or more."""
    return actor.region is not None and level_of(actor.region.ljust(12, "0")) <= Level.DISTRICT


def require_district(actor: Actor, act: Act) -> None:
    """Stop here unless the actor may, and answers for a whole district or more.

    What a town alone may not do: pay, and give keys. Raises NotAllowed.
    """
    require(actor, act)
    if not of_district(actor):
        raise NotAllowed("这件事由区一级办，街道和村社不能办。")


def people_of(actor: Actor) -> list[int]:
    """Ids of the people an account has access to by name."""
    rows = _now().filter(account_id=actor.account)
    return list(rows.values_list("person_id", flat=True).distinct())
