"""Erasing a person: the person goes, what was done stays.

Two others agree to what one proposes; a job of the owner's then empties every encrypted column and
every note that belongs to the person, in every room, and leaves log, ledger and counts alone.
"""

import uuid
from uuid import UUID

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.models import Access
from songbai.core.acting import Actor, may, on, publish, require, system_only
from songbai.core.approvals.actions import NewProposal, propose
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.rules import ProposalState
from songbai.core.errors import NotFound, Refused
from songbai.core.following import following
from songbai.core.found import found_in
from songbai.core.overriding import triggers_of
from songbai.core.reasons import reason_in
from songbai.core.sql import run
from songbai.core.waiting import wait_for
from songbai.domain.elders.declares import ERASURE_ASK, ERASURE_DECIDE, HOLD_PLACE
from songbai.domain.elders.models import CurrentFact, Elder, Fact, LegalHold, Proxy
from songbai.domain.elders.queries import in_scope, reach_of
from songbai.domain.elders.rules.erasure import ERASED_NAME
from songbai.domain.elders.rules.kinds import kinds

from .registration import free_door_code

ERASURE = "elder.erasure"


class UnderHold(Refused):
    """这位老人的资料因为纠纷或调查要保留，现在不能清除。请先解除保留。"""


class AlreadyErased(Refused):
    """这位老人的个人信息已经清除了。"""


@transaction.atomic
def ask_erasure(actor: Actor, elder: Elder, key: UUID, why: str) -> Proposal:
    """Propose to erase a person; two others decide.

    Raises ReasonMissing, UnderHold, AlreadyErased, NotAllowed.
    """
    require(actor, ERASURE_ASK, reach_of(elder))
    reason_in(why, field="why")
    _erasable(elder)
    return propose(
        actor,
        NewProposal(
            key=key,
            kind=ERASURE,
            about=f"清除编号 {elder.pk} 的个人信息",
            subject=("elder", elder.pk),
            region=elder.region_id,
            person_id=elder.pk,
            why=why.strip(),
        ),
    )


def may_decide(actor: Actor, proposal: Proposal) -> bool:
    """Whether the actor is an officer of the elder's place."""
    elder = in_scope(actor).filter(pk=proposal.person_id or 0).first()
    return elder is not None and may(actor, ERASURE_DECIDE, reach_of(elder))


def check(actor: Actor, proposal: Proposal) -> None:
    """Look again before the owner's job begins. Raises UnderHold, AlreadyErased."""
    _erasable(in_scope(actor).get(pk=proposal.person_id or 0))


@transaction.atomic
def erase(actor: Actor, proposal_id: int) -> None:
    """Erase the person two others agreed to erase; done twice, it is done once.

    Raises NotAllowed, NotFound, UnderHold.
    """
    system_only(actor)
    proposal = found_in(
        Proposal.objects.filter(pk=proposal_id, kind=ERASURE, state=ProposalState.APPROVED)
    )
    elder = Elder.objects.select_for_update().get(pk=proposal.person_id or 0)
    if elder.erased_at is not None:
        return
    if LegalHold.objects.filter(elder=elder, lifted_at=None).exists():
        raise UnderHold
    now = clock.now()
    Proxy.objects.filter(elder=elder, valid_until__gt=now).update(
        valid_until=now, end_reason="个人信息已清除"
    )
    Access.objects.filter(person_id=elder.pk, valid_until__gt=now).update(valid_until=now)
    for one in following():
        if isinstance(one.erasure, tuple):
            empty = [f"{name} = ''::bytea" for name in one.secret]
            empty += [f"{name} = ''" for name in one.texts]
            with triggers_of(one.table):
                run(
                    f"UPDATE {one.table} SET {', '.join(empty)} WHERE {one.person} = %s", [elder.pk]
                )
    _forget_facts(elder.pk)
    _mask(elder)
    publish("elder.erased", actor, **on("elder", elder), proposal=proposal.pk)


def _forget_facts(person_id: int) -> None:
    """Facts that say who the person is lose their content and no longer stand; others stay."""
    personal = [kind.code for kind in kinds().values() if kind.personal]
    facts, current = Fact._meta.db_table, CurrentFact._meta.db_table
    whose = " WHERE elder_id = %s AND kind = ANY(%s)"
    with triggers_of(facts, current):
        run(
            f"UPDATE {facts} SET value = '', value_index = ''::bytea, reason = '',"
            f" withdrawn = true, digest = gen_random_uuid(){whose}",
            [person_id, personal],
        )
        run(f"DELETE FROM {current}{whose}", [person_id, personal])


def _mask(elder: Elder) -> None:
    """The row stays for the counts: village, sex, birth year, class; the person is gone."""
    elder.name = ERASED_NAME
    elder.initials = ""
    elder.id_number = elder.phone = elder.address = b""
    elder.id_number_index = uuid.uuid4().bytes
    elder.birth_date = elder.birth_date.replace(month=1, day=1)
    region = elder.region
    elder.longitude, elder.latitude = region.longitude or 0.0, region.latitude or 0.0
    elder.risks = []
    elder.door_code = free_door_code()
    elder.erased_at = clock.now()
    elder.save()


@transaction.atomic
def place_hold(actor: Actor, elder: Elder, reason: str) -> LegalHold:
    """Keep a person's record from being erased until the hold is lifted; one hold for a reason.

    Raises ReasonMissing, NotAllowed.
    """
    require(actor, HOLD_PLACE, reach_of(elder))
    said = reason_in(reason, field="why")[:120]
    wait_for([f"hold:{elder.pk}"])
    same = LegalHold.objects.filter(elder=elder, reason=said, lifted_at=None).first()
    if same is not None:
        return same
    hold = LegalHold.objects.create(
        elder=elder,
        region_id=elder.region_id,
        reason=said,
        placed_by_id=actor.account_id,
        placed_by=actor.name,
        placed_at=clock.now(),
    )
    _tell("elder.hold_placed", actor, elder, hold.reason)
    return hold


@transaction.atomic
def lift_hold(actor: Actor, elder: Elder, hold_id: int) -> None:
    """End a hold. Raises NotFound, NotAllowed."""
    require(actor, HOLD_PLACE, reach_of(elder))
    lifted = LegalHold.objects.filter(pk=hold_id, elder=elder, lifted_at=None).update(
        lifted_at=clock.now(), lifted_by=actor.name, lifted_by_id=actor.account_id
    )
    if not lifted:
        raise NotFound
    _tell("elder.hold_lifted", actor, elder, "")


def _tell(kind: str, actor: Actor, elder: Elder, reason: str) -> None:
    publish(kind, actor, **on("elder", elder), reason=reason)


def _erasable(elder: Elder) -> None:
    if elder.erased_at is not None:
        raise AlreadyErased
    if LegalHold.objects.filter(elder=elder, lifted_at=None).exists():
        raise UnderHold
