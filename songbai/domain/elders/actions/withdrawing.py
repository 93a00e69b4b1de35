"""Taking back what a source said about a person: one officer asks with proof, another decides."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from songbai.core.accounts.queries import require
from songbai.core.accounts.rules import Actor
from songbai.core.approvals.actions import NewProposal, propose
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.queries import payload_of
from songbai.core.errors import NotFound
from songbai.core.reasons import reason_in
from songbai.domain.elders.actions.facts import withdraw
from songbai.domain.elders.declares import CORRECTION_ASK
from songbai.domain.elders.models import Elder, Fact
from songbai.domain.elders.queries import in_scope, reach_of
from songbai.domain.elders.queries.withdrawn import can_be_withdrawn
from songbai.domain.elders.rules.kinds import kind_of, source_words

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
    return propose(
        actor,
        NewProposal(
            key=wanted.key,
            kind=WITHDRAWAL,
            about=f"撤回{source}说的{kind.name}",
            subject=("elder", elder.pk),
            region=elder.region_id,
            person_id=elder.pk,
            why=wanted.why.strip(),
            proof_file_id=wanted.proof_file_id,
            payload={
                "kind": fact.kind,
                "source": fact.source,
                "source_id": fact.source_id,
                "proof": wanted.proof.strip()[:80],
                "words": kind.name,
            },
        ),
    )


def carry_out(actor: Actor, proposal: Proposal) -> None:
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
