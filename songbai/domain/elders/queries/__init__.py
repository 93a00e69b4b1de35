"""Reading the register, always as somebody, always leaving a trace."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from songbai.core import clock, scope, sql
from songbai.core.accounts.queries import reach_of_person
from songbai.core.acting import Actor, Reach, require
from songbai.core.audit.actions import record_read
from songbai.core.audit.queries import seen_since
from songbai.core.crypto import blind_index, decrypt
from songbai.core.errors import NotAllowed, NotFound
from songbai.core.found import found_in
from songbai.core.geo import Place
from songbai.core.regions.queries import place_words
from songbai.domain.elders import rules
from songbai.domain.elders.declares import ELDER_READ
from songbai.domain.elders.models import Elder, Proxy

#: On a page that refreshes itself, looks within this time count as one look.
ONE_LOOK = timedelta(hours=1)


@dataclass(frozen=True)
class PlainFields:
    """The decrypted fields of an elder, already logged as read."""

    id_number: str
    phone: str
    address: str


def visible(actor: Actor) -> QuerySet[Elder]:
    """Elders the actor may see at all, by region or by access: each person once.

    Records merged into another are left out, except for those who have access to just that record.
    """
    mine = in_scope(actor)
    if actor.region is not None:
        return mine.filter(merged_into=None)
    return mine.exclude(merged_into__in=mine.values("pk"))


def in_scope(actor: Actor) -> QuerySet[Elder]:
    """All records the actor may reach, also those merged into another: what was written about a
    record before stays with it.
    """
    return scope.visible(Elder, actor)


def survivor_of(actor: Actor, elder: Elder) -> Elder:
    """The record this one is read as, as far as the actor's scope reaches; itself if not merged."""
    while elder.merged_into_id is not None:
        further = in_scope(actor).filter(pk=elder.merged_into_id).select_related("region").first()
        if further is None:
            break
        elder = further
    return elder


def person_of_records(people: Iterable[int]) -> dict[int, int]:
    """Every record of these people (survivors of merges), and whose it is. No scope: the caller
    cuts what it reads by the records.
    """
    mine = {person: person for person in people}
    joined = Elder.objects.filter(merged_into_id__in=mine).values_list("pk", "merged_into_id")
    return mine | {record: person for record, person in joined if person is not None}


def as_people(actor: Actor, rows: Iterable[Any]) -> None:
    """Let rows about records that were merged (``row.elder``) name the person, as far as the
    actor's scope reaches; whose rows they are (``elder_id``) stays.
    """
    joined = [row for row in rows if row.elder.merged_into_id is not None]
    roots = in_scope(actor).select_related("region")
    people = roots.in_bulk({row.elder.merged_into_id for row in joined}) if joined else {}
    for row in joined:
        if person := people.get(row.elder.merged_into_id):
            row._meta.get_field("elder").set_cached_value(row, person)


def is_anothers_account(elder: Elder, account: str) -> bool:
    """Whether an account stands for another living person, wherever registered."""
    return bool(sql.called("elders_anothers_account", elder.pk, blind_index(account), True))


def reach_of(elder: Elder) -> Reach:
    """Who may reach this elder."""
    return reach_of_person(elder.pk, elder.region_id)


def get(actor: Actor, elder_id: int) -> Elder:
    """One elder in the actor's scope.

    Raises NotFound for everything outside it, whether it exists or not.
    """
    return found_in(in_scope(actor).select_related("region").filter(pk=elder_id))


def search(actor: Actor, words: str, limit: int = 20) -> list[Elder]:
    """Living elders in scope whose name or initials begin with the words; by village and name.

    Ranges instead of LIKE: comparing is leakproof, so the index serves it under row security.
    Raises NotAllowed.
    """
    require(actor, ELDER_READ)
    words = words.strip()
    if not words:
        return []
    rows = visible(actor).filter(died_on=None)
    if words.isascii():
        first = words.upper()
        rows = rows.filter(initials__gte=first, initials__lt=f"{first}\U0010ffff")
    else:
        rows = rows.filter(name__gte=words, name__lt=f"{words}\U0010ffff")
    return list(rows.select_related("region").order_by("region_id", "name", "id")[:limit])


def elders_of_family(actor: Actor) -> list[Proxy]:
    """The elders for whom this account acts today, oldest binding first."""
    return list(
        Proxy.objects.filter(account_id=actor.account, valid_until__gt=clock.now())
        .select_related("elder", "elder__region")
        .order_by("id")
    )


def require_proxy(actor: Actor, elder: Elder, *, ordering: bool = False) -> Proxy:
    """The binding that lets a family member act for this elder.

    Raises NotAllowed when there is none, it ended, or it does not cover ordering.
    """
    proxy = (
        Proxy.objects.filter(elder=elder, account_id=actor.account, valid_until__gt=clock.now())
        .order_by("id")
        .first()
    )
    if proxy is None or (ordering and not proxy.may_order):
        raise NotAllowed("您还没有替这位老人下单的授权。请到社区办理，或拨 12349。")
    return proxy


def show_plain(
    actor: Actor, elder: Elder, *, fields: list[str], purpose: str, where: str
) -> PlainFields:
    """Decrypt the named fields (id_number, phone, address) and log who read them, and why.

    Raises NotAllowed.
    """
    reach = reach_of(elder)
    if actor.kind is None or actor.kind.reaches != "name":
        require(actor, ELDER_READ, reach)
    elif actor.account_id not in reach.accounts:
        raise NotAllowed
    record_read(actor, [(elder.pk, elder.region_id)], fields=fields, purpose=purpose, where=where)
    shown = {
        name: decrypt(getattr(elder, name)) if name in fields else ""
        for name in ("id_number", "phone", "address")
    }
    return PlainFields(**shown)


def note_read(
    actor: Actor, elders: list[Elder], *, fields: list[str], purpose: str, where: str
) -> None:
    """Log that masked records of these elders are shown.

    Raises ValueError for a field that no room declares.
    """
    record_read(
        actor,
        [(elder.pk, elder.region_id) for elder in elders],
        fields=fields,
        purpose=purpose,
        where=where,
    )


def note_seen(
    actor: Actor, elders: Iterable[Elder], *, fields: list[str], purpose: str, where: str
) -> None:
    """As ``note_read``, for a page that refreshes itself: one trace an hour for each person."""
    shown = {elder.pk: elder for elder in elders}
    noted = seen_since(actor, shown, where, clock.now() - ONE_LOOK) if shown else set()
    note_read(
        actor,
        [elder for pk, elder in shown.items() if pk not in noted],
        fields=fields,
        purpose=purpose,
        where=where,
    )


def home_of(elder: Elder) -> Place:
    """Where the elder lives."""
    return Place(elder.longitude, elder.latitude)


def age(elder: Elder) -> int:
    """Completed years today, or on the day of death."""
    return rules.age_on(elder.birth_date, elder.died_on or clock.today())


def village_words(elder: Elder) -> str:
    """巴川街道东方社区: the masked address anybody at work may see."""
    return place_words(elder.region_id, district=False)
