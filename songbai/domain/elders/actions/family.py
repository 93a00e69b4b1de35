"""Asking that somebody may act for an elder; a second person decides."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from songbai.core import clock, texts
from songbai.core.accounts.actions import family_account
from songbai.core.accounts.models import Account, NumberDoubt
from songbai.core.accounts.numbers import check_name, holders
from songbai.core.acting import Actor, may, require
from songbai.core.approvals.actions import NewProposal, propose
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.queries import payload_of
from songbai.core.approvals.rules import ProposalState
from songbai.core.errors import NotAllowed, NotFound, Refused
from songbai.core.reasons import too_short
from songbai.domain.elders.actions.proxies import require_herself, write_binding, write_end
from songbai.domain.elders.declares import FAMILY, PROXY_BIND, PROXY_INVITE
from songbai.domain.elders.models import Elder, Proxy
from songbai.domain.elders.queries import in_scope, reach_of
from songbai.domain.elders.queries.family import guardian_of, standing
from songbai.domain.elders.rules import ProxyScope, mask_name
from songbai.domain.elders.rules.family import (
    SELF_RELATION,
    Invitation,
    may_let_in,
    problems,
)

RELATIVE, GUARDIAN, GUARDIAN_END = "elder.relative", "elder.guardian", "elder.guardian_end"
HERSELF = "elder.herself"


class WrongInvitation(Refused):
    """请把要填的填完整。"""


class ProofMissing(Refused):
    """请写明看过什么证明，例如“户口簿”。"""

    field = "proof"


class AlreadyGuarded(Refused):
    """这位老人已经有监护人。请先结束原来的监护，再登记新的。"""


@transaction.atomic
def invite_relative(actor: Actor, elder: Elder, key: UUID, invitation: Invitation) -> Proposal:
    """A relative, the elder or the guardian asks that somebody else may help too.

    It takes effect when the elder, the guardian or a clerk (never who asked) agrees.
    Raises WrongInvitation at the field, NotAllowed.
    """
    require(actor, PROXY_INVITE, reach_of(elder))
    standing(actor, elder)
    _check(invitation)
    return _ask(actor, elder, key, RELATIVE, invitation, "家属邀请", {}, None)


@transaction.atomic
def ask_guardian(
    actor: Actor,
    elder: Elder,
    key: UUID,
    invitation: Invitation,
    proof: str,
    proof_file_id: UUID | None = None,
) -> Proposal:
    """A clerk who saw the appointment asks to enter a guardian; another one decides.

    Raises WrongInvitation at the field, ProofMissing, AlreadyGuarded, NotAllowed.
    """
    require(actor, PROXY_BIND, reach_of(elder))
    _check(invitation)
    if too_short(proof, 2):
        raise ProofMissing
    if guardian_of(elder) is not None:
        raise AlreadyGuarded
    more = {"proof": proof.strip()[:80]}
    return _ask(actor, elder, key, GUARDIAN, invitation, f"凭{more['proof']}", more, proof_file_id)


@transaction.atomic
def ask_herself(
    actor: Actor, elder: Elder, key: UUID, invitation: Invitation, proof: str
) -> Proposal:
    """A clerk who saw the card asks to enter the elder's own telephone, which the register does
    not have; another one decides.

    Raises WrongInvitation at the field, ProofMissing, NotHerself, NotAllowed.
    """
    require(actor, PROXY_BIND, reach_of(elder))
    _check(invitation, but="relation")
    if too_short(proof, 2):
        raise ProofMissing
    require_herself(elder, invitation.name, Account.objects.by_phone(invitation.phone))
    more = {"proof": proof.strip()[:80]}
    return _ask(actor, elder, key, HERSELF, invitation, f"凭{more['proof']}", more, None)


@transaction.atomic
def ask_guardian_end(actor: Actor, elder: Elder, key: UUID, proxy_id: int, reason: str) -> Proposal:
    """A clerk asks to end a guardianship; another one decides.

    Raises NotFound, ProofMissing, NotAllowed.
    """
    require(actor, PROXY_BIND, reach_of(elder))
    guardian = guardian_of(elder)
    if guardian is None or guardian.pk != proxy_id:
        raise NotFound
    if too_short(reason):
        raise ProofMissing("请写明为什么结束监护，凭什么证明。", field="reason")
    return propose(
        actor,
        NewProposal(
            key=key,
            kind=GUARDIAN_END,
            about=f"结束监护：{guardian.relation} {mask_name(guardian.account.name)}",
            subject=("proxy", guardian.pk),
            region=elder.region_id,
            person_id=elder.pk,
            why=reason,
        ),
    )


def bind_decided(actor: Actor, proposal: Proposal, *, guardian: bool) -> None:
    """Carry out what was agreed: an account for the phone, if there is none, and the binding."""
    asked = payload_of(proposal)
    elder = _elder(actor, proposal)
    if guardian and guardian_of(elder) is not None:
        raise AlreadyGuarded
    account = family_account(asked["phone"], asked["name"])
    if asked["relation"] == SELF_RELATION:
        require_herself(elder, account.name, account)
    write_binding(
        actor,
        elder,
        account,
        relation=asked["relation"],
        scope=ProxyScope(order=asked["order"], money=asked["money"]),
        proof=asked.get("proof") or f"{proposal.proposer_name}邀请，{actor.name}同意"[:80],
        until=clock.now() + timedelta(days=asked["days"]),
        guardian=guardian,
        proof_file_id=proposal.proof_file_id,
    )


def end_decided(actor: Actor, proposal: Proposal) -> None:
    """End the guardianship two officers agreed to end."""
    elder = _elder(actor, proposal)
    proxy = Proxy.objects.filter(pk=proposal.subject_id, elder=elder).first()
    if proxy is None or proxy.valid_until <= clock.now():
        raise NotFound("这个监护已经结束了。")
    write_end(actor, elder, proxy, proposal.why)


def may_decide(actor: Actor, proposal: Proposal) -> bool:
    """Whether the actor may agree that somebody acts for this elder."""
    elder = in_scope(actor).filter(pk=proposal.person_id or 0).first()
    if elder is None:
        return False
    if actor.kind is FAMILY:
        try:
            who = standing(actor, elder)
        except NotAllowed:
            return False
        return may_let_in(who, under_guardianship=guardian_of(elder) is not None)
    return may_decide_office(actor, proposal)


def may_decide_office(actor: Actor, proposal: Proposal) -> bool:
    """Whether the actor is an officer of the elder's place who is not the elder's own family."""
    elder = in_scope(actor).filter(pk=proposal.person_id or 0).first()
    if elder is None or not may(actor, PROXY_BIND, reach_of(elder)):
        return False
    return not Proxy.objects.filter(
        elder=elder, account_id=actor.account, valid_until__gt=clock.now()
    ).exists()


def stands_behind(actor: Actor, proposal: Proposal) -> bool:
    """Whether it was the actor who let whoever asks act for this elder, or who doubts the number of
    whoever asks, or is asked about: then others decide, whatever it is.
    """
    me, asker, elder = actor.account_id, proposal.proposer_id, proposal.person_id
    if me is None or asker is None or elder is None:
        return False
    concerned = {asker}
    if proposal.subject_kind == "proxy":
        about = Proxy.objects.filter(pk=proposal.subject_id)
        concerned.update(about.values_list("account_id", flat=True))
    if NumberDoubt.objects.filter(account__in=concerned, same=None, by_id=me).exists():
        return True
    if Proxy.objects.filter(elder=elder, account=asker, bound_by_id=me).exists():
        return True
    asked = Proposal.objects.filter(person_id=elder, proposer_id=me, state=ProposalState.APPROVED)
    let_in = asked.filter(kind__in=[GUARDIAN, HERSELF])
    return any(holders(payload_of(one)["phone"]).filter(pk=asker).exists() for one in let_in)


def _check(invitation: Invitation, but: str = "") -> None:
    for name, words in problems(invitation).items():
        if name != but:
            raise WrongInvitation(words, field=name)


def _ask(
    actor: Actor,
    elder: Elder,
    key: UUID,
    kind: str,
    invitation: Invitation,
    why: str,
    more: dict[str, Any],
    proof_file_id: UUID | None,
) -> Proposal:
    what = {GUARDIAN: "登记监护人", HERSELF: "登记老人本人的号码"}.get(kind, "绑定家属")
    phone, name = texts.mobile(invitation.phone), texts.person_name(invitation.name)
    check_name(phone, name)
    about = f"{what}：{invitation.relation} {mask_name(name)}（手机尾号 {phone[-4:]}）"
    return propose(
        actor,
        NewProposal(
            key=key,
            kind=kind,
            about=about,
            subject=("elder", elder.pk),
            region=elder.region_id,
            person_id=elder.pk,
            why=why,
            proof_file_id=proof_file_id,
            payload={**asdict(invitation), "name": name, "phone": phone, **more},
        ),
    )


def _elder(actor: Actor, proposal: Proposal) -> Elder:
    return in_scope(actor).get(pk=proposal.person_id or 0)
