"""Somebody who acts for elders has died: the account is closed, what they hold goes to others.

One officer, or the death of an elder who acts for others too, closes the account to everybody;
another officer looks at it (要核对的手机号) and ends the bindings, or opens it again.
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from songbai.core import clock
from songbai.core.accounts.models import Account, DoubtWhy, NumberDoubt
from songbai.core.accounts.numbers import doubt_number, end_doubt
from songbai.core.acting import Actor, on, publish, require, system_only
from songbai.core.errors import NotAllowed, NotFound
from songbai.core.found import found_in
from songbai.core.reasons import reason_in
from songbai.core.texts import same_name
from songbai.domain.elders.actions.turning import ask_to_see_to, need_not_be_seen_to
from songbai.domain.elders.declares import PROXY_BIND
from songbai.domain.elders.models import Elder, Followed, Proxy
from songbai.domain.elders.queries import person_of_records, reach_of
from songbai.domain.elders.rules.family import SELF_RELATION

#: The cause of what somebody sees to because who acted for the elder has died.
KIN = "kin"
#: What is listed of a guardian, and of everybody else who acted.
_LISTED = {
    True: ("guardian", "请安排新的监护人"),
    False: ("proxy", "请问家里以后谁来办事"),
}


@transaction.atomic
def report_death(actor: Actor, elder: Elder, proxy_id: int, reason: str) -> NumberDoubt:
    """An officer who saw a paper says that somebody who acts for an elder has died.

    Nobody logs in to that account any more until another officer has looked; the other family is
    told, and a guardianship is on the list. Raises NotFound, NotAllowed, ReasonMissing.
    """
    require(actor, PROXY_BIND, reach_of(elder))
    proxy = found_in(
        _standing(elder=elder, pk=proxy_id).select_related("account"),
        NotFound("这个授权已经结束了。"),
    )
    if proxy.account_id == actor.account_id or proxy.relation == SELF_RELATION:
        raise NotAllowed("老人本人去世请在档案里登记；自己的账号请另一位同事来办。")
    why = reason_in(
        reason,
        "请写明凭什么登记去世（死亡证明、家属来说），至少 4 个字。",
        field=f"reason-{proxy_id}",
    )
    doubt = doubt_number(proxy.account, DoubtWhy.DIED, why, by=actor.account_id)
    publish(
        "elder.kin_reported",
        actor,
        **on("elder", elder),
        relation=proxy.relation,
        account=proxy.account_id,
        reason=why[:120],
    )
    return doubt


@transaction.atomic
def bereaved(actor: Actor, account_id: int) -> int:
    """Tell every family for which a dead person acted; a guardianship goes on the list.

    Once for each; returns how many elders. Raises NotAllowed.
    """
    system_only(actor)
    rows = list(_standing(account_id=account_id).select_related("elder", "account").order_by("pk"))
    for proxy in rows:
        what, ask = _LISTED[proxy.is_guardian]
        words = f"{proxy.relation}登记为去世，{ask}"
        if ask_to_see_to(proxy.elder, what, proxy.pk, words, KIN):
            told: dict[str, Any] = {"relation": proxy.relation, "account": account_id}
            publish("elder.kin_died", actor, **on("elder", proxy.elder), **told)
    return len(rows)


@transaction.atomic
def follow_account(actor: Actor, account_id: int, note: str) -> int:
    """Somebody died of whom it is not known whether they acted for elders: returns for how many.

    Raises NotAllowed.
    """
    system_only(actor)
    if not _standing(account_id=account_id).exists():
        return 0
    doubt_number(Account.objects.get(pk=account_id), DoubtWhy.DIED, note)
    return bereaved(actor, account_id)


def found_alive(account_id: int, by: str) -> None:
    """The death was none: nobody needs to see to what that account holds."""
    mine = Proxy.objects.filter(account_id=account_id).values_list("pk", flat=True)
    listed = Followed.objects.filter(
        cause=KIN,
        what__in=[what for what, _ in _LISTED.values()],
        subject_id__in=mine,
    )
    need_not_be_seen_to(listed, by, "人还在，登记错了")


@transaction.atomic
def follow_elder(actor: Actor, elder: Elder) -> int:
    """An elder who died, or did not after all, may have acted for others.

    Returns with how many accounts: bound as the elder's own, or of the elder's name and telephone.
    Raises NotAllowed.
    """
    system_only(actor)
    accounts = [one for one in _accounts_of(elder) if _acts_for_others(one, elder)]
    for account in accounts:
        if elder.died_on is not None:
            doubt_number(account, DoubtWhy.DIED, "登记了同名同号的老人去世")
            bereaved(actor, account.pk)
            continue
        for doubt in account.doubts.filter(same=None, why=DoubtWhy.DIED, by_id=None):
            end_doubt(doubt, same=True, by=actor.name, found="去世登记撤回了")
            found_alive(account.pk, actor.name)
    return len(accounts)


def _accounts_of(elder: Elder) -> Iterable[Account]:
    records = list(person_of_records([elder.pk]))
    own = Account.objects.filter(proxies__elder__in=records, proxies__relation=SELF_RELATION)
    index = bytes(elder.phone_index or b"")
    alike = Account.objects.filter(phone_index=index) if index else Account.objects.none()
    named = [one for one in alike if same_name(one.name, elder.name)]
    return {one.pk: one for one in [*own, *named]}.values()


def _acts_for_others(account: Account, elder: Elder) -> bool:
    records = person_of_records([elder.pk])
    return _standing(account=account).exclude(elder__in=records).exists()


def _standing(**which: Any) -> QuerySet[Proxy]:
    return Proxy.objects.filter(valid_until__gt=clock.now(), **which)
