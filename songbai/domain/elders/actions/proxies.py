"""Letting somebody act for an elder, and ending it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.actions import end_access, grant_access
from songbai.core.accounts.models import Account
from songbai.core.accounts.numbers import HolderDied, check_in_use
from songbai.core.acting import Actor, on, publish, require
from songbai.core.crypto import blind_index
from songbai.core.errors import NotAllowed, NotFound, Refused
from songbai.core.found import found_in
from songbai.core.texts import folded_phone, same_name
from songbai.domain.elders.declares import PROXY_BIND, PROXY_END
from songbai.domain.elders.models import Elder, Proxy
from songbai.domain.elders.queries import reach_of
from songbai.domain.elders.queries.family import guardian_of, standing
from songbai.domain.elders.rules import ProxyScope
from songbai.domain.elders.rules.family import SELF_RELATION, may_end, standing_of


class GuardianNeedsTwo(Refused):
    """监护人要由两位工作人员办理：一位提出，另一位审核。"""


class NotHerself(Refused):
    """“本人”只能登记老人自己：姓名要和档案一样，一位老人一个账号，一个账号一位老人。"""

    field = "relation"


class HerselfNeedsTwo(Refused):
    """档案里老人的电话不是这个号码。登记成“本人”要两位工作人员：一位提出，另一位审核。"""

    field = "phone"


class NotYoursToEnd(NotAllowed):
    """这个授权不能由您来结束。请老人本人、监护人或社区来办，或拨 12349。"""


@transaction.atomic
def bind_proxy(
    actor: Actor,
    elder: Elder,
    account: Account,
    *,
    relation: str,
    scope: ProxyScope,
    proof: str,
    until: datetime,
) -> Proxy:
    """A clerk who saw the proof lets an account act for an elder; binding again renews.

    Raises NotAllowed, NotHerself, NumberNotInUse, HerselfNeedsTwo for a number that the register
    does not know as hers, GuardianNeedsTwo when the account is the guardian.
    """
    if not actor.is_system:
        require(actor, PROXY_BIND, reach_of(elder))
        if account.pk == actor.account_id:
            raise NotAllowed("不能给自己登记授权，请另一位同事来办。")
    if relation == SELF_RELATION:
        require_herself(elder, account.name, account)
        if not actor.is_system and not is_her_number(actor, elder, account.phone_number()):
            raise HerselfNeedsTwo
    return write_binding(
        actor, elder, account, relation=relation, scope=scope, proof=proof, until=until
    )


def require_herself(elder: Elder, name: str, account: Account | None) -> None:
    """Raises NotHerself where a name, or the account if there is one, is not the elder's own."""
    selves = Proxy.objects.filter(relation=SELF_RELATION, valid_until__gt=clock.now())
    taken = selves.filter(elder=elder).exclude(account=account)
    elsewhere = selves.filter(account=account).exclude(elder=elder)
    if not same_name(name, elder.name) or taken.exists() or elsewhere.exists():
        raise NotHerself


def is_her_number(actor: Actor, elder: Elder, phone: str) -> bool:
    """Whether the register knows a number as the elder's by another hand than the actor's alone, or
    it is bound as her own already.
    """
    index = blind_index(folded_phone(phone))
    hers = elder.proxies.filter(relation=SELF_RELATION, valid_until__gt=clock.now())
    if hers.filter(account__phone_index=index).exists():
        return True
    said = elder.facts.filter(kind="phone", value_index=index, withdrawn=False)
    mine = said.filter(entered_by=actor.account_id)
    alone = mine.exists() and not said.exclude(pk__in=mine).exists()
    return index == bytes(elder.phone_index or b"") and not alone


def write_binding(
    actor: Actor,
    elder: Elder,
    account: Account,
    *,
    relation: str,
    scope: ProxyScope,
    proof: str,
    until: datetime,
    guardian: bool = False,
    proof_file_id: UUID | None = None,
) -> Proxy:
    """Write what was decided: the binding, the access it gives, the event. Raises NumberNotInUse,
    HolderDied, GuardianNeedsTwo where a guardian would be one no more.
    """
    check_in_use(account)
    gone = Elder.objects.filter(phone_index=account.phone_index).exclude(died_on=None)
    if any(same_name(one.name, account.name) for one in gone):
        raise HolderDied
    mine = Proxy.objects.filter(elder=elder, account=account, valid_until__gt=clock.now())
    if not guardian and mine.filter(is_guardian=True).exists():
        raise GuardianNeedsTwo
    proxy, _ = Proxy.objects.update_or_create(
        elder=elder,
        account=account,
        defaults={
            "region_id": elder.region_id,
            "relation": relation,
            "may_order": scope.order,
            "may_see_money": scope.money,
            "is_guardian": guardian,
            "proof": proof,
            "proof_file_id": proof_file_id,
            "bound_by_id": actor.account_id,
            "end_reason": "",
            "valid_from": clock.now(),
            "valid_until": until,
        },
    )
    grant_access(
        person_id=elder.pk,
        region=elder.region_id,
        why="proxy",
        until=until,
        account_id=account.pk,
    )
    publish(
        "elder.proxy_bound",
        actor,
        **on("elder", elder),
        relation=relation,
        guardian=guardian,
        account=account.pk,
        order=scope.order,
        money=scope.money,
        until=until.isoformat(),
    )
    return proxy


@transaction.atomic
def end_proxy(actor: Actor, elder: Elder, proxy_id: int, reason: str) -> Proxy:
    """End somebody's binding now; what they had open on the phone shows nothing from then on.

    Raises NotFound, NotYoursToEnd, GuardianNeedsTwo.
    """
    require(actor, PROXY_END, reach_of(elder))
    proxy = _open_binding(elder, proxy_id)
    whose = standing_of(proxy.relation, guardian=proxy.is_guardian)
    allowed = may_end(
        standing(actor, elder),
        whose,
        own=proxy.account_id == actor.account_id,
        under_guardianship=guardian_of(elder) is not None,
    )
    if not allowed:
        raise GuardianNeedsTwo if proxy.is_guardian else NotYoursToEnd
    return write_end(actor, elder, proxy, reason)


def write_end(actor: Actor, elder: Elder, proxy: Proxy, reason: str) -> Proxy:
    """Write that a binding ended: the row, the access, the event."""
    proxy.valid_until = clock.now()
    proxy.end_reason = reason.strip()[:120]
    proxy.save(update_fields=["valid_until", "end_reason"])
    end_access(person_id=elder.pk, why="proxy", account_id=proxy.account_id)
    publish(
        "elder.proxy_ended",
        actor,
        **on("elder", elder),
        relation=proxy.relation,
        account=proxy.account_id,
        reason=proxy.end_reason,
    )
    return proxy


def _open_binding(elder: Elder, proxy_id: int) -> Proxy:
    return found_in(
        Proxy.objects.select_for_update().filter(
            pk=proxy_id, elder=elder, valid_until__gt=clock.now()
        ),
        NotFound("这个授权已经结束了。"),
    )
