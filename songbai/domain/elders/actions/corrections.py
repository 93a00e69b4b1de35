"""Asking that a fact of the register be corrected, or what a source said be taken back; a second
person decides.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from songbai.core import clock
from songbai.core.acting import Actor, may, require
from songbai.core.approvals.actions import NewProposal, propose
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.queries import payload_of
from songbai.core.errors import NotAllowed, NotFound, Refused
from songbai.core.reasons import reason_in
from songbai.core.regions.queries import is_elsewhere, is_known
from songbai.domain.elders.actions.facts import disputed, end_disagreement, withdraw
from songbai.domain.elders.actions.facts.record import NewFact, record_facts
from songbai.domain.elders.declares import CORRECTION_ASK, CORRECTION_DECIDE, FAMILY, OFFICER
from songbai.domain.elders.models import Elder, Fact
from songbai.domain.elders.queries import in_scope, is_anothers_account, reach_of
from songbai.domain.elders.queries.facts import plain
from songbai.domain.elders.queries.facts.words import masked_value
from songbai.domain.elders.queries.withdrawn import after, can_be_withdrawn
from songbai.domain.elders.rules.corrections import CARE, HOME, OFFICE, correctable
from songbai.domain.elders.rules.kinds import (
    BANK_CARD,
    DECISION,
    SHARED,
    ValueType,
    WrongValue,
    check,
    fit_together,
    kind_of,
    source_words,
    words,
)

CORRECTION = "elder.correction"


class NotCorrectable(Refused):
    """这一项不能从这里改，请到社区办理，或拨 12349。"""

    field = "kind"


class AnothersAccount(Refused):
    """这个账号登记在另一位老人名下。请对着存折再核对；确实两位合用的，勾选“知道是另一位老人的账号”再报。"""

    field = "value"


@dataclass(frozen=True)
class Correction:
    """What is right instead: a kind of fact, its value as stored, and why.

    ``shared``: an officer knows that the account is another person's, too, and says why.
    """

    key: UUID
    kind: str
    value: str
    why: str
    proof_file_id: UUID | None = None
    shared: bool = False


@transaction.atomic
def ask_correction(actor: Actor, elder: Elder, wanted: Correction) -> Proposal:
    """Elder, family, a caregiver on her visit or a clerk asks for a correction.

    Nothing changes until somebody else agrees. Raises NotCorrectable, WrongValue, AnothersAccount,
    ReasonMissing, NotAllowed.
    """
    require(actor, CORRECTION_ASK)
    if not in_scope(actor).filter(pk=elder.pk).exists():
        raise NotAllowed
    if wanted.kind not in correctable(sayer(actor)):
        raise NotCorrectable
    kind = kind_of(wanted.kind)
    value = check(kind, wanted.value, clock.today())
    fit_together(kind, value, elder.birth_date, elder.died_on)
    # A city whose divisions are not kept here may have any.
    if kind.type is ValueType.REGION and not is_known(value) and not is_elsewhere(value):
        raise WrongValue(f"没有 {value} 这个区划代码，请核对{kind.name}。")
    reason_in(wanted.why, "请写明为什么要改、凭什么，至少 4 个字。", field="why")
    payload = {
        "kind": kind.code,
        "value": value,
        "words": kind.name,
        "shown": words(kind, value),
    }
    about = f"更正{kind.name}"
    if kind.code == BANK_CARD and is_anothers_account(elder, value):
        if sayer(actor) != OFFICE:  # whose it is, is not told
            raise AnothersAccount("这个账号不能在这里换，请带存折到社区办理，或拨 12349。")
        if not wanted.shared:
            raise AnothersAccount
        about += "。注意：这个账号登记在另一位老人名下"
        payload["shared"] = "true"
    return _ask(actor, elder, wanted, CORRECTION, about, payload)


@transaction.atomic
def choose_account(actor: Actor, conflict_id: int, key: UUID, *, source: str, why: str) -> Proposal:
    """An officer says which of two departments is right about somebody's account; money follows it,
    so another one decides. Raises what ``ask_correction`` raises, NotFound, AlreadyDecided.
    """
    row, elder, _, said = disputed(actor, conflict_id, source)
    if said is None or row.kind != BANK_CARD:
        raise NotFound
    return ask_correction(actor, elder, Correction(key, BANK_CARD, plain(said), why))


def _ask(
    actor: Actor,
    elder: Elder,
    wanted: "Correction | Withdrawing",
    kind: str,
    about: str,
    payload: dict[str, str],
) -> Proposal:
    """Lay it before a second person, with why and the proof that was seen."""
    return propose(
        actor,
        NewProposal(
            key=wanted.key,
            kind=kind,
            about=about,
            subject=("elder", elder.pk),
            region=elder.region_id,
            person_id=elder.pk,
            why=wanted.why.strip(),
            proof_file_id=wanted.proof_file_id,
            payload=payload,
        ),
    )


def sayer(actor: Actor) -> str:
    """As whom somebody asks for a correction."""
    if actor.kind is OFFICER:
        return OFFICE
    return HOME if actor.kind is FAMILY else CARE


def may_decide(actor: Actor, proposal: Proposal) -> bool:
    """Whether the actor is an officer of the elder's place."""
    elder = in_scope(actor).filter(pk=proposal.person_id or 0).first()
    return elder is not None and may(actor, CORRECTION_DECIDE, reach_of(elder))


def carry_out(actor: Actor, proposal: Proposal) -> None:
    """Enter what was agreed as a decision of the office, pointing at who asked.

    Raises AnothersAccount when it became another person's meanwhile.
    """
    asked = payload_of(proposal)
    elder = in_scope(actor).get(pk=proposal.person_id or 0)
    row = SHARED if asked.get("shared") else ""
    if asked["kind"] == BANK_CARD and not row and is_anothers_account(elder, asked["value"]):
        raise AnothersAccount(
            "这个账号现在登记在另一位老人名下，不能同意。请写明原因退回，让申请人再核对。"
        )
    reason = f"{proposal.proposer_name}申请（{proposal.pk} 号），{actor.name}核对同意"
    new = NewFact(kind=asked["kind"], value=asked["value"], source_id=row)
    record_facts(actor, elder, [new], source=DECISION, reason=reason)
    end_disagreement(actor, elder, asked["kind"], reason)


WITHDRAWAL = "elder.withdrawal"


@dataclass(frozen=True)
class Withdrawing:
    """Which statement is wrong, why, and what proof was seen."""

    key: UUID
    fact_id: int
    why: str
    proof: str
    proof_file_id: UUID | None = None


@transaction.atomic
def ask_withdrawal(actor: Actor, elder: Elder, wanted: Withdrawing) -> Proposal:
    """An officer who saw the proof asks that a statement be taken back; another one decides.

    Raises NotFound for what says nothing (any more), ReasonMissing, NotAllowed.
    """
    require(actor, CORRECTION_ASK, reach_of(elder))
    fact = Fact.objects.filter(pk=wanted.fact_id, elder=elder).first()
    if fact is None or not can_be_withdrawn(fact):
        raise NotFound
    reason_in(wanted.why, "请写明哪里错了，至少 4 个字。", field="why")
    reason_in(wanted.proof, "请写明看过什么证明，例如“派出所更正证明”。", field="proof")
    kind, source = kind_of(fact.kind), source_words()[fact.source]
    payload = {
        "kind": fact.kind,
        "source": fact.source,
        "source_id": fact.source_id,
        "proof": wanted.proof.strip()[:80],
        "said": f"{kind.name}：{masked_value(kind, fact)}（{source}说的）",
        "then": after(elder, fact),
    }
    return _ask(actor, elder, wanted, WITHDRAWAL, f"撤回{source}说的{kind.name}", payload)


def take_back(actor: Actor, proposal: Proposal) -> None:
    """The statement says nothing any more; what followed from it is put back by whoever follows.

    Raises NotFound when its source took it back meanwhile.
    """
    asked = payload_of(proposal)
    withdraw(
        actor,
        in_scope(actor).get(pk=proposal.person_id or 0),
        asked["kind"],
        asked["source"],
        asked["source_id"],
        reason=f"{proposal.why[:60]}（凭{asked['proof'][:20]}，{proposal.proposer_name}申请）",
    )
