"""Somebody with an account has died: it is closed, what they hold goes to others.

One officer or the desk, or the death of an elder who acts for others or works here, closes the
account to everybody; another officer looks at it (要核对的手机号) and ends the bindings, or opens
it again. Every room follows ``account.died`` and ``account.lives``.
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from songbai.core import clock
from songbai.core.accounts.models import Account, DoubtWhy, NumberDoubt
from songbai.core.accounts.numbers import death_of, doubt_number, end_doubt, take_up_number
from songbai.core.accounts.queries import accounts_at_work, names_of
from songbai.core.acting import Actor, on, publish, require, system_only
from songbai.core.errors import NotAllowed, NotFound, Refused
from songbai.core.found import found_in
from songbai.core.reasons import reason_in
from songbai.core.texts import mobile, same_name
from songbai.domain.elders.actions.turning import ask_to_see_to, need_not_be_seen_to
from songbai.domain.elders.declares import PROXY_BIND
from songbai.domain.elders.models import Elder, Followed, Proxy
from songbai.domain.elders.queries import person_of_records, reach_of
from songbai.domain.elders.rules.family import SELF_RELATION

#: The cause of what somebody sees to because who acted for the elder has died.
KIN = "kin"
#: Why bindings of somebody who died have ended.
DIED = "本人去世"
_ELDER_DIED = "登记了同名同号的老人去世"
#: What is listed of a guardian, and of everybody else who acted.
_LISTED = {
    True: ("guardian", "请安排新的监护人"),
    False: ("proxy", "请问家里以后谁来办事"),
}


class NoColleague(Refused):
    """您这里没有用这个手机号的工作人员。请核对号码。"""

    field = "phone"


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
    publish(
        "elder.kin_reported",
        actor,
        **on("elder", elder),
        relation=proxy.relation,
        account=proxy.account_id,
        reason=why[:120],
    )
    return close_for_death(actor, proxy.account, why, elder.region_id)


@transaction.atomic
def report_colleague(actor: Actor, phone: str, reason: str) -> NumberDoubt:
    """An officer says that somebody who works for her place, or a part of it, has died.

    Raises NoColleague, NotAllowed, ReasonMissing, WrongText.
    """
    require(actor, PROXY_BIND)
    place = actor.region or ""
    account = Account.objects.by_phone(mobile(phone))
    if account is None or not accounts_at_work(place).filter(account=account).exists():
        raise NoColleague
    if account.pk == actor.account_id:
        raise NotAllowed("自己的账号请另一位同事来办。")
    why = reason_in(reason, "请写明凭什么登记去世，至少 4 个字。", field="reason")
    return close_for_death(actor, account, why, place.ljust(12, "0"))


def close_for_death(actor: Actor, account: Account, note: str, region: str) -> NumberDoubt:
    """Nobody uses the account any more until another officer has looked, and every room follows.

    Called inside the transaction of who asked for the right.
    """
    by = actor.account_id
    doubt = doubt_number(account, DoubtWhy.DIED, note, by=by, region=region)
    publish(
        "account.died", actor, subject=("account", account.pk), region=region, reason=note[:120]
    )
    return doubt


def open_again(actor: Actor, account_id: int, region: str) -> None:
    """The death was none: what it raised ends, in every room. Called as above. Raises NumberTaken
    where the account was closed for good, and its number is another one's.
    """
    take_up_number(account_id)
    found_alive(actor, account_id)
    publish("account.lives", actor, subject=("account", account_id), region=region)


def take_back_death(actor: Actor, account_id: int, note: str, found: str) -> None:
    """A death is taken back where it was entered, with what begins with ``note``; after an officer
    had looked and closed the account for good, another look is asked for. Called as above.
    """
    said = death_of(account_id)
    if said is None or not said.note.startswith(note):
        return
    if said.same is None:
        end_doubt(said, same=True, by=actor.name, found=found)
        open_again(actor, account_id, said.region)
        return
    again = f"{note}，账号收走了，现在{found}"
    doubt_number(said.account, DoubtWhy.DIED, again, by=actor.account_id, region=said.region)


@transaction.atomic
def bereaved(actor: Actor, account_id: int) -> int:
    """Tell every family for which a dead person acted; a guardianship goes on the list.

    Once for each; returns how many elders: none where the death was found wrong meanwhile. Raises
    NotAllowed.
    """
    system_only(actor)
    if death_of(account_id) is None:
        return 0
    rows = list(_standing(account_id=account_id).select_related("elder", "account").order_by("pk"))
    for proxy in rows:
        if list_gone(proxy, "登记为去世"):
            told: dict[str, Any] = {"relation": proxy.relation, "account": account_id}
            publish("elder.kin_died", actor, **on("elder", proxy.elder), **told)
    return len(rows)


def list_gone(proxy: Proxy, why: str) -> bool:
    """Ask to see to who acts for an elder from now on, or is the guardian; whether it is new."""
    what, ask = _LISTED[proxy.is_guardian]
    words = f"{proxy.relation}{why}，{ask}"
    return ask_to_see_to(proxy.elder, what, proxy.pk, words, KIN, account=proxy.account_id)


@transaction.atomic
def found_alive(actor: Actor, account_id: int) -> None:
    """The death was none: nobody needs to see to what it raised, and the families are told."""
    listed = Followed.objects.filter(cause=KIN, detail__account=account_id).select_related("elder")
    ended = need_not_be_seen_to(listed, actor.name, "人还在，登记错了")
    for elder in {row.elder_id: row.elder for row in ended}.values():
        proxy = Proxy.objects.filter(elder=elder, account_id=account_id).first()
        relation = proxy.relation if proxy else ""
        publish("elder.kin_lives", actor, **on("elder", elder), relation=relation)
    gone = Proxy.objects.filter(account_id=account_id, end_reason=DIED).select_related("elder")
    for proxy in gone.order_by("pk"):
        words = f"{proxy.relation}登记去世是登记错了，授权那时结束了，请重新登记"
        ask_to_see_to(proxy.elder, "rebind", proxy.pk, words, KIN)


@transaction.atomic
def follow_elder(actor: Actor, elder: Elder) -> int:
    """An elder who died, or did not after all, may have acted for others, or worked here.

    Returns with how many accounts: bound as the elder's own, or of the elder's name and telephone.
    Raises NotAllowed.
    """
    system_only(actor)
    found = {one.pk: one for one in _accounts_of(elder)}
    if elder.died_on is None:
        closed = [one for one in found.values() if death_of(one.pk)]
        for account in closed:
            take_back_death(actor, account.pk, _ELDER_DIED, "去世登记撤回了")
        return len(closed)
    at_work = {pk for pk, (_, works) in names_of(found).items() if works}
    accounts = [one for one in found.values() if one.pk in at_work or _acts_for_others(one, elder)]
    for account in accounts:
        close_for_death(actor, account, _ELDER_DIED, elder.region_id)
        bereaved(actor, account.pk)
    return len(accounts)


def _accounts_of(elder: Elder) -> Iterable[Account]:
    records = list(person_of_records([elder.pk]))
    own = Account.objects.filter(proxies__elder__in=records, proxies__relation=SELF_RELATION)
    index = bytes(elder.phone_index or b"")
    number = Q(phone_index=index) | Q(former_numbers__phone_index=index)
    alike = Account.objects.filter(number).distinct() if index else Account.objects.none()
    named = [one for one in alike if same_name(one.name, elder.name)]
    return {one.pk: one for one in [*own, *named]}.values()


def _acts_for_others(account: Account, elder: Elder) -> bool:
    records = person_of_records([elder.pk])
    return _standing(account=account).exclude(elder__in=records).exists()


def _standing(**which: Any) -> QuerySet[Proxy]:
    return Proxy.objects.filter(valid_until__gt=clock.now(), **which)
