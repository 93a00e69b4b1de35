"""Objecting to a decision, and answering: another officer looks, with what is known now."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.registry import Act
from songbai.core.acting import Actor, on, publish, require
from songbai.core.errors import NotAllowed, NotFound, Refused
from songbai.core.reasons import reason_in
from songbai.core.waiting import wait_for
from songbai.domain.benefits.declares import OBJECTION_ANSWER, OBJECTION_RAISE
from songbai.domain.benefits.models import Objection
from songbai.domain.benefits.queries.explain import Entry, explain
from songbai.domain.benefits.queries.objections import deciders, get, visible
from songbai.domain.benefits.rules.cycle import Outcome
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.objection import (
    UNSETTLED,
    Channel,
    Ground,
    State,
    difference,
    due_on,
)
from songbai.domain.elders.declares import OFFICER
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import reach_of


class AlreadyObjected(Refused):
    """这一项已经有一份异议在办，不用再提。办好会告诉您。"""


class MonthToCome(Refused):
    """这个月还没有到，等有了结果再提。"""


class DecidedYourself(NotAllowed):
    """这个结果您经办或审批过，异议要由另一位同事复核。"""


class TooLate(Refused):
    """这份异议已经到了下一步。请刷新看最新状态。"""


class VoiceMissing(Refused):
    """请写是谁提的：姓名和与老人的关系。"""

    field = "voiced_by"


@dataclass(frozen=True)
class NewObjection:
    """What somebody objects to. ``voiced_by`` is who says so at a counter or at home."""

    key: UUID
    policy: str
    month: Month
    ground: Ground
    text: str = ""
    voiced_by: str = ""


@transaction.atomic
def raise_objection(actor: Actor, elder: Elder, new: NewObjection, *, where: str) -> Objection:
    """Object to what was decided; the same key twice is one objection.

    Raises NotAllowed, NotFound where the policy is no law, AlreadyObjected, MonthToCome,
    VoiceMissing.
    """
    require(actor, OBJECTION_RAISE, reach_of(elder))
    wait_for([f"objection:{elder.pk}"])
    earlier = visible(actor).filter(key=new.key, elder=elder).first()
    if earlier:
        return earlier
    if new.month.first_day > clock.today():
        raise MonthToCome
    channel, voice = _channel(actor, elder), new.voiced_by.strip() or actor.name
    if actor.kind is OFFICER and not new.voiced_by.strip():
        raise VoiceMissing
    told = explain(actor, elder, new.month, purpose="提异议", where=where)
    entry = told.of(new.policy)
    if entry is None:
        raise NotFound
    same = {"elder": elder, "policy": new.policy, "month": new.month.text}
    if Objection.objects.select_for_update().filter(**same, state__in=UNSETTLED).exists():
        raise AlreadyObjected
    result, fen = stood(entry)
    made = Objection.objects.create(
        **same,
        key=new.key,
        region_id=elder.region_id,
        cycle=entry.cycle,
        channel=channel,
        ground=new.ground,
        text=new.text.strip()[:300],
        voiced_by=voice[:40],
        raised_by_id=actor.account_id,
        raised_by=actor.name,
        raised_at=clock.now(),
        due_on=due_on(clock.today()),
        known_at=entry.known_at or told.known_at,
        then_result=result,
        then_fen=fen,
    )
    _publish("objection.raised", actor, made, ground=made.ground)
    return made


def stood(entry: Entry) -> tuple[str, int | None]:
    """What was decided then: the cycle's word where there is one, else what follows from then."""
    if entry.row is not None and entry.row.amount is not None:
        return ("yes" if entry.row.outcome == Outcome.YES else "no"), entry.row.amount
    return entry.then.decision, entry.then.amount


def _channel(actor: Actor, elder: Elder) -> Channel:
    if actor.kind is OFFICER:
        return Channel.VILLAGE if len(actor.region or "") > 9 else Channel.COUNTER
    proxy = elder.proxies.filter(account_id=actor.account).order_by("-id").first()
    return Channel.ELDER if proxy is not None and proxy.relation == "本人" else Channel.PROXY


@transaction.atomic
def take(actor: Actor, objection_id: int) -> Objection:
    """Take an objection on; whoever decided or approved cannot.

    Raises NotFound, NotAllowed, DecidedYourself, TooLate.
    """
    found = _lock(actor, objection_id, OBJECTION_ANSWER)
    not_by = deciders(found.cycle, found.region_id)
    if actor.account_id in not_by:
        raise DecidedYourself
    _move(
        found,
        State.TAKEN,
        {State.OPEN},
        not_by=not_by,
        taken_at=clock.now(),
        taken_by_id=actor.account_id,
        taken_by=actor.name,
    )
    _publish("objection.taken", actor, found)
    return found


@transaction.atomic
def answer(actor: Actor, objection_id: int, found: str, *, where: str) -> Objection:
    """Say what was found: the month is decided again with what is known now; a policy that turns
    out to be no law where the person belongs gives nothing.

    The event ``objection.answered`` carries ``then_fen``, ``now_fen`` and their ``fen`` in
    between, from which payments or recoveries follow. Raises NotFound, NotAllowed, TooLate,
    ReasonMissing.
    """
    objection = _lock(actor, objection_id, OBJECTION_ANSWER)
    if objection.state == State.TAKEN and objection.taken_by_id != actor.account_id:
        raise NotAllowed(f"{objection.taken_by}已经受理这份异议，由同一位同事答复。")
    reason_in(found, "请写明查到了什么，至少 4 个字。", field="found")
    month = Month(objection.month)
    told = explain(actor, objection.elder, month, purpose="复核异议", where=where)
    entry = told.of(objection.policy)
    result, fen = (entry.now.decision, entry.now.amount) if entry else ("no", 0)
    _move(
        objection,
        State.ANSWERED,
        {State.TAKEN},
        answered_at=clock.now(),
        found=found.strip()[:300],
        now_result=result,
        now_fen=fen,
    )
    _publish(
        "objection.answered",
        actor,
        objection,
        cycle=objection.cycle_id,
        then_result=objection.then_result,
        now_result=objection.now_result,
        then_fen=objection.then_fen,
        now_fen=objection.now_fen,
        fen=difference(objection.then_fen, objection.now_fen),
    )
    return objection


@transaction.atomic
def withdraw(actor: Actor, objection_id: int) -> Objection:
    """Take an objection back. Raises NotFound, NotAllowed, TooLate."""
    found = _lock(actor, objection_id, OBJECTION_RAISE)
    _move(found, State.WITHDRAWN, set(UNSETTLED))
    _publish("objection.withdrawn", actor, found)
    return found


def _lock(actor: Actor, objection_id: int, act: Act) -> Objection:
    found = get(actor, objection_id)
    require(actor, act, reach_of(found.elder))
    Objection.objects.select_for_update().get(pk=found.pk)
    found.refresh_from_db()
    return found


def _move(objection: Objection, new: State, allowed: set[State], **values: Any) -> None:
    rows = Objection.objects.filter(pk=objection.pk, state__in=allowed)
    if not rows.update(state=new, **values):
        raise TooLate
    objection.refresh_from_db()


def _publish(kind: str, actor: Actor, objection: Objection, **payload: Any) -> None:
    publish(
        kind,
        actor,
        **on("objection", objection),
        policy=objection.policy,
        month=objection.month,
        **payload,
    )
