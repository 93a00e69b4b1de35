"""The telephone numbers of those who act for elders: changed, doubted, passed on.

A number is changed by who holds the old one, by two at the counter, or by two relatives.
"""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.db.models import QuerySet

from songbai.core import clock, texts
from songbai.core.accounts import tasks
from songbai.core.accounts.models import Account, DoubtWhy, NumberDoubt
from songbai.core.accounts.numbers import (
    NumberTaken,
    SameNumber,
    carrier_says,
    change_number,
    doubt_number,
    end_doubt,
    give_up_number,
    open_doubt,
    said_by,
)
from songbai.core.accounts.queries import actors_of, names_of, require
from songbai.core.accounts.rules import Actor, system_only
from songbai.core.approvals.actions import AlreadyDecided, NewProposal, propose, vote
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.queries import get, payload_of, visible
from songbai.core.approvals.rules import ProposalState, Verdict
from songbai.core.errors import NotAllowed, NotFound, Refused
from songbai.core.events.actions import on, publish
from songbai.core.found import found_in
from songbai.core.reasons import ReasonMissing, too_short
from songbai.core.signing import asked
from songbai.domain.elders.declares import FAMILY, NUMBER_ASK, PROXY_BIND
from songbai.domain.elders.models import Elder, Proxy
from songbai.domain.elders.queries import in_scope, reach_of
from songbai.domain.elders.queries.family import acting_for, doubt_of, standing
from songbai.domain.elders.rules import mask_name

from .family import may_decide_office
from .passing import DIED, list_gone, open_again
from .proxies import write_end


class NotOnlyKin(NotAllowed):
    """这个账号不只替这位老人办事，家人不能替换号码。请本人用原来的号码改，或带证件到社区办理。"""


class InDoubt(Refused):
    """这个号码有人说换了人用，正在核对，家人现在不能替换。请等社区核对完，或带证件到社区办理。"""


class AtWork(Refused):
    """这是工作人员的账号，不能在这里收走号码。请管理员给他换号码，换好了再点“还是本人”。"""


class OwnDoubt(Refused):
    """提出怀疑的人不能自己核对。请另一位同事核对。"""


NUMBER, NUMBER_KIN = "elder.number", "elder.number_kin"
#: So long the old number has, once it was told, to say no to what relatives ask for.
WAIT = timedelta(days=3)
NOT_MINE = "本人不同意换号"
#: Signs what a text message lets its reader say without logging in.
_NO = signing.Signer(salt="songbai.number-no", sep=".")
PASSED_ON = "手机号换了人用"
DOUBTED = "有人说您的手机号换了人用，社区正在核对。核对以前照常能用，不对的请打 12349。"


@transaction.atomic
def ask_number(
    actor: Actor,
    elder: Elder,
    key: UUID,
    proxy_id: int,
    phone: str,
    proof: str,
    proof_file_id: UUID | None = None,
) -> Proposal:
    """Ask that who acts for an elder logs in by another number: at the counter or by the phone,
    for another officer to decide; a relative asks, another relative of the elder decides, and the
    old number, which is told, can refuse until ``WAIT`` is over.

    Raises NotFound, NotAllowed, ReasonMissing, NumberTaken, SameNumber, WrongText, InDoubt.
    """
    require(actor, NUMBER_ASK)
    if not in_scope(actor).filter(pk=elder.pk).exists():
        raise NotFound
    proxy = _standing(elder, proxy_id)
    if actor.account_id == proxy.account_id:
        raise NotAllowed("自己的号码请在“我的”里用现在的号码改，或请家人、社区来办。")
    by_kin = actor.kind is FAMILY
    if by_kin:
        standing(actor, elder)
        _only_kin(proxy)
    if too_short(proof):
        raise ReasonMissing("请写明怎么核对是本人的，至少 4 个字。", field="proof")
    number = texts.mobile(phone)
    other = Account.objects.by_phone(number)
    if other is not None:
        raise SameNumber if other.pk == proxy.account_id else NumberTaken
    who = f"{proxy.relation} {mask_name(proxy.account.name)}"
    proposal = propose(
        actor,
        NewProposal(
            key=key,
            kind=NUMBER_KIN if by_kin else NUMBER,
            about=f"换手机号：{who}，新号尾号 {number[-4:]}",
            subject=("proxy", proxy.pk),
            region=elder.region_id,
            person_id=elder.pk,
            why=f"凭{proof.strip()[:80]}",
            proof_file_id=proof_file_id,
            payload={"phone": number, "proof": proof.strip()[:80], "relation": proxy.relation},
        ),
    )
    if by_kin:
        said: dict[str, Any] = {"account_id": proxy.account_id, "tail": number[-4:]}
        said["until"] = (clock.now() + WAIT).isoformat()
        said["path"] = f"/no/{_NO.sign(f'{proposal.pk}-{proxy.account_id}')}"
        transaction.on_commit(lambda: tasks.tell_asked.defer(**said))
    return proposal


def may_decide_number(actor: Actor, proposal: Proposal) -> bool:
    """Whether the actor is an officer of the place, no relative, and not whose number it is."""
    proxy = Proxy.objects.filter(pk=proposal.subject_id).first()
    other = proxy is not None and proxy.account_id != actor.account_id
    return other and may_decide_office(actor, proposal)


def may_decide_kin(actor: Actor, proposal: Proposal) -> bool:
    """Whether the actor acts for the elder too, and is not whose number it is; or an officer."""
    if actor.kind is not FAMILY:
        return may_decide_number(actor, proposal)
    proxies = Proxy.objects.filter(elder_id=proposal.person_id or 0, valid_until__gt=clock.now())
    mine = proxies.filter(account_id=actor.account).exclude(pk=proposal.subject_id)
    return mine.exists()


def is_holder(actor: Actor, proposal: Proposal) -> bool:
    """Whether the actor is who would be given another number."""
    proxy = Proxy.objects.filter(pk=proposal.subject_id).first()
    return proxy is not None and proxy.account_id == actor.account_id


def asked_of_me(actor: Actor) -> QuerySet[Proposal]:
    """Other numbers that relatives ask for in the actor's name."""
    mine = Proxy.objects.filter(account_id=actor.account, valid_until__gt=clock.now())
    rows = visible(actor).filter(kind=NUMBER_KIN, state=ProposalState.OPEN)
    return rows.filter(subject_id__in=mine.values("pk")).order_by("id")


def refuse_number(actor: Actor, proposal_id: int) -> Proposal:
    """Who holds the old number says no to another one. Raises NotFound, AlreadyDecided."""
    get(actor, proposal_id)
    if not asked_of_me(actor).filter(pk=proposal_id).exists():
        raise AlreadyDecided
    return vote(actor, proposal_id, Verdict.NO, NOT_MINE)


def told_to(token: str) -> tuple[int, Actor]:
    """Which proposal was told to whom in the text message with this token. Raises NotFound."""
    try:
        proposal, account = map(int, _NO.unsign(token).split("-"))
    except (signing.BadSignature, ValueError) as error:
        raise NotFound from error
    holder = found_in(Account.objects.filter(pk=account, is_active=True))
    return proposal, next(one for one in actors_of(holder) if one.kind is FAMILY)


def number_decided(actor: Actor, proposal: Proposal) -> None:
    """Carry out what was agreed; the old and the new number are told."""
    elder = in_scope(actor).get(pk=proposal.person_id or 0)
    proxy = _standing(elder, proposal.subject_id)
    if proposal.kind == NUMBER_KIN:
        _only_kin(proxy)
    voted = proposal.votes.filter(verdict=Verdict.YES).order_by("id")
    agreed = voted.values_list("voter_name", flat=True).first()
    change_number(
        proxy.account_id,
        payload_of(proposal)["phone"],
        f"{proposal.proposer_name}申请，{agreed or actor.name}同意",
    )
    _tell(actor, "elder.number_changed", elder, relation=proxy.relation)


@transaction.atomic
def change_own_number(actor: Actor, phone: str) -> None:
    """Who holds the old number, as a fresh code has shown, takes another one.

    Raises what ``change_number`` raises.
    """
    change_number(actor.account, phone, "本人用原号码改的", by_holder=True)
    for proxy in Proxy.objects.filter(account_id=actor.account, valid_until__gt=clock.now()):
        _tell(actor, "elder.number_changed", proxy.elder, relation=proxy.relation)


@transaction.atomic
def report_other_name(
    actor: Actor, elder: Elder, phone: str, note: str, *, given: str = ""
) -> NumberDoubt:
    """A number may be in other hands: one bound to this elder, or one that was just refused when
    somebody of the name ``given`` was to be bound, as the account has another name. It waits on the
    list; who uses the number goes on until another officer has looked.

    Raises NotFound for every other number, ReasonMissing, NotAllowed.
    """
    require(actor, PROXY_BIND, reach_of(elder))
    if too_short(note):
        raise ReasonMissing("请写明谁说号码换了人用，至少 4 个字。", field="note")
    account = Account.objects.by_phone(texts.mobile(phone))
    if account is None or account.pk == actor.account_id:
        raise NotFound
    bindings = Proxy.objects.filter(account=account, valid_until__gt=clock.now())
    refused = given and not texts.same_name(account.name, given)
    if not refused and not bindings.filter(elder=elder).exists():
        raise NotFound
    why, by, here = DoubtWhy.SAID, actor.account_id, elder.region_id
    doubt = doubt_number(account, why, note.strip(), by=by, region=here)
    told = acting_for(actor, account.pk)
    for one in told:
        _tell(actor, "elder.number_doubted", one.elder, relation=one.relation)
    mine = [one.elder_id for one in told]
    of: dict[str, Any] = {"subject": ("account", account.pk), "region": here, "told": mine}
    publish("account.number_doubted", actor, **of)
    return doubt


@transaction.atomic
def tell_elsewhere(actor: Actor, account_id: int, told: list[int]) -> None:
    """A number was doubted: it stands in the history of those for whom it acts in other places
    too, but for those of ``told``; who acts for nobody is told alone. Raises NotAllowed.
    """
    system_only(actor)
    rows = Proxy.objects.filter(account_id=account_id, valid_until__gt=clock.now())
    if not rows.exists():
        tasks.tell.defer(account_id=account_id, words=DOUBTED)
    for one in rows.exclude(elder__in=told).select_related("elder"):
        _tell(actor, "elder.number_doubted", one.elder, relation=one.relation)


@transaction.atomic
def follow_carrier(actor: Actor, phone: str, since: date) -> bool:
    """What the carrier says of a number, and to every family for which its holder acts that the
    holder cannot log in. Whether an account is in doubt now. Raises what ``carrier_says`` raises.
    """
    account = Account.objects.by_phone(texts.mobile(phone))
    known = account is not None and account.doubts.filter(same=None, why=DoubtWhy.CARRIER).exists()
    doubted = carrier_says(actor, phone, since)
    if account is None or not doubted or known:
        return doubted
    rows = Proxy.objects.filter(account=account, valid_until__gt=clock.now())
    for one in rows.select_related("elder").order_by("pk"):
        told: dict[str, Any] = {"relation": one.relation, "stops": account.pk}
        _tell(actor, "elder.number_doubted", one.elder, **told)
    return True


@transaction.atomic
def settle_doubt(actor: Actor, doubt_id: int, *, same: bool, found: str) -> NumberDoubt:
    """After a check: it is the same person, or the number was passed on and all bindings end.

    Where those of several elders would end, or a guardianship, it takes a second officer: what the
    program doubted is then the first one's doubt, and stays open.

    Raises NotFound, ReasonMissing, NotAllowed, OwnDoubt for whoever put the number on the list,
    AtWork for a number that is not to be taken from somebody at work.
    """
    doubt = doubt_of(actor, doubt_id)
    if doubt.by_id is not None and doubt.by_id == actor.account_id:
        raise OwnDoubt(field=f"found-{doubt_id}")
    if doubt.account_id == actor.account_id:
        raise NotAllowed
    if too_short(found):
        raise ReasonMissing("请写明怎么核对的，至少 4 个字。", field=f"found-{doubt_id}")
    died = doubt.why == DoubtWhy.DIED
    if not same and not died and names_of([doubt.account_id])[doubt.account_id][1]:
        raise AtWork(field=f"found-{doubt_id}")
    if not same and doubt.by_id is None and _holds_more(actor, doubt.account_id):
        return said_by(doubt, actor.account, found)
    end_doubt(doubt, same=same, by=actor.name, found=found)
    here = Proxy.objects.filter(account_id=doubt.account_id).select_related("elder").first()
    if not same:
        ending = DIED if died else PASSED_ON
        give_up_number(doubt.account_id, ending)
        end_bindings(actor, doubt.account_id, ending)
    if here is not None:
        told: dict[str, Any] = {"account": doubt.account_id, "reason": found.strip()[:120]}
        told |= {"died": True} if died else {}
        if same:
            _tell(actor, "elder.number_confirmed", here.elder, **told)
        else:
            _tell(actor, "elder.number_passed_on", here.elder, **told)
    if same and died:
        open_again(actor, doubt.account_id, doubt.region or (actor.region or "").ljust(12, "0"))
    doubt.refresh_from_db()
    return doubt


def _holds_more(actor: Actor, account_id: int) -> bool:
    """Whether an account acts for several elders, wherever, or decides in the place of one."""
    return any(
        one.is_guardian or asked("elders_acts_for_more", one.pk)
        for one in acting_for(actor, account_id)
    )


def end_bindings(actor: Actor, account_id: int, why: str = PASSED_ON) -> int:
    """End the bindings of an account whose number is somebody else's, or whose person has died, in
    the actor's scope; who acts for each from now on is on the list of what people see to.
    """
    rows = Proxy.objects.filter(account_id=account_id, valid_until__gt=clock.now())
    ended = list(rows.select_related("elder"))
    for proxy in ended:
        write_end(actor, proxy.elder, proxy, why)
        list_gone(proxy, why)
    return len(ended)


def _standing(elder: Elder, proxy_id: int) -> Proxy:
    rows = Proxy.objects.filter(pk=proxy_id, elder=elder, valid_until__gt=clock.now())
    return found_in(rows.select_related("account"), NotFound("这个授权已经结束了。"))


def _only_kin(proxy: Proxy) -> None:
    """Relatives decide about nothing but a relative of this very elder, whose number nobody doubts.
    Raises NotOnlyKin, InDoubt.
    """
    _, at_work = names_of([proxy.account_id])[proxy.account_id]
    if proxy.is_guardian or at_work or asked("elders_acts_for_more", proxy.pk):
        raise NotOnlyKin
    if open_doubt(proxy.account) is not None:
        raise InDoubt


def _tell(actor: Actor, kind: str, elder: Elder, **payload: Any) -> None:
    publish(kind, actor, **on("elder", elder), **payload)
