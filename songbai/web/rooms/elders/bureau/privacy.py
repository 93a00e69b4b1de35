"""One elder's say: who may act, what was agreed to, what is kept from erasure, erasure itself."""

import uuid
from collections.abc import Callable
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from songbai.core import clock
from songbai.core.accounts.actions import family_account
from songbai.core.accounts.numbers import OtherName
from songbai.core.accounts.rules import Actor
from songbai.core.approvals.queries import of_person
from songbai.core.approvals.rules import ProposalState
from songbai.core.errors import FormError, Refused, SongbaiError
from songbai.core.reasons import reason_in
from songbai.domain.elders.actions.consents import say
from songbai.domain.elders.actions.erasure import ask_erasure, lift_hold, place_hold
from songbai.domain.elders.actions.family import ProofMissing, ask_guardian, ask_guardian_end
from songbai.domain.elders.actions.proxies import bind_proxy, end_proxy
from songbai.domain.elders.models import Elder, Proxy
from songbai.domain.elders.queries import get, village_words
from songbai.domain.elders.queries.family import agreements, ended_bindings, guardian_of, holds_of
from songbai.domain.elders.queries.figures import proxies_of
from songbai.domain.elders.rules import ProxyScope, mask_name
from songbai.domain.elders.rules.erasure import ERASED_WORDS, KEPT_WORDS
from songbai.domain.elders.rules.family import (
    PROOFS,
    RELATIONS,
    SELF_RELATION,
    Invitation,
    problems,
)
from songbai.web.asked import errors_of, key_of, whole_number
from songbai.web.doors import POST, door, signed_in
from songbai.web.frames.bureau.shell import page
from songbai.web.rooms.elders.looks import noted
from songbai.web.rooms.files.proofs import keep_proof

SPANS = {"365": "1 年", "1095": "3 年", "1825": "5 年"}
TYPED = (
    "name",
    "phone",
    "relation",
    "days",
    "order",
    "money",
    "proof",
    "guardian",
    "why",
    "reason",
)


@door("bureau", "elders/<int:elder_id>/privacy/")
def privacy(request: HttpRequest, actor: Actor, elder_id: int) -> HttpResponse:
    """Everything an elder decides about the record, for the clerk at whose desk the elder sits."""
    return _show(request, actor, get(actor, elder_id))


def _show(
    request: HttpRequest, actor: Actor, elder: Elder, error: SongbaiError | None = None
) -> HttpResponse:
    noted(request, [elder], "办理授权和同意", "name", "village", "proxies", "consents")
    return page(
        request,
        "privacy",
        "elders",
        status=409 if error else 200,
        elder=elder,
        name=mask_name(elder.name),
        village=village_words(elder),
        guardian=guardian_of(elder),
        proxies=[(proxy, mask_name(proxy.account.name)) for proxy in proxies_of(elder)],
        ended=[(proxy, mask_name(proxy.account.name)) for proxy in ended_bindings(elder)],
        agreements=agreements(actor, elder),
        holds=holds_of(elder),
        waiting=of_person(actor, elder.pk).filter(state=ProposalState.OPEN)[:20],
        relations=(SELF_RELATION, *RELATIONS),
        proofs=PROOFS,
        spans=SPANS,
        erased_words=ERASED_WORDS,
        kept_words=KEPT_WORDS,
        typed={name: request.POST.get(name, "") for name in TYPED},
        key=request.POST.get("idempotency_key") or str(uuid.uuid4()),
        errors=errors_of(error),
        other_name=isinstance(error, OtherName),
    )


def _act(
    request: HttpRequest, elder_id: int, done: str, act: Callable[[Actor, Elder], object]
) -> HttpResponse:
    """Run an action on an elder; an error shows the page again with everything typed."""
    actor = signed_in(request)
    elder = get(actor, elder_id)
    try:
        act(actor, elder)
    except FormError as error:
        return _show(request, actor, elder, error)
    messages.success(request, done)
    return redirect("bureau:privacy", elder_id)


@door("bureau", "elders/<int:elder_id>/proxies/", POST, name="proxy_bind")
def bind(request: HttpRequest, _: Actor, elder_id: int) -> HttpResponse:
    """Bind a relative now, or ask a second officer to enter a guardian."""
    if request.POST.get("guardian") == "1":
        return _act(request, elder_id, "提交了。另一位同事审核后生效。", _guardian(request))
    return _act(request, elder_id, "登记好了，对方现在就能登录。", _relative(request))


def _relative(request: HttpRequest) -> Callable[[Actor, Elder], object]:
    def act(actor: Actor, elder: Elder) -> Proxy:
        asked = _asked(request)
        for name, words in problems(asked).items():
            if not (name == "relation" and asked.relation == SELF_RELATION):
                raise Refused(words, field=name)
        return bind_proxy(
            actor,
            elder,
            family_account(asked.phone, asked.name),
            relation=asked.relation,
            scope=ProxyScope(order=asked.order, money=asked.money),
            proof=_proof(request),
            until=clock.now() + timedelta(days=asked.days),
        )

    return act


def _guardian(request: HttpRequest) -> Callable[[Actor, Elder], object]:
    def act(actor: Actor, elder: Elder) -> object:
        file_id = keep_proof(request, actor, elder, "监护证明")
        return ask_guardian(
            actor, elder, key_of(request.POST), _asked(request), _proof(request), file_id
        )

    return act


def _asked(request: HttpRequest) -> Invitation:
    sent, days = request.POST, request.POST.get("days", "")
    return Invitation(
        sent.get("name", "").strip(),
        sent.get("phone", "").strip(),
        sent.get("relation", ""),
        order=sent.get("order") == "1",
        money=sent.get("money") == "1",
        days=int(days) if days in SPANS else 0,
    )


def _proof(request: HttpRequest) -> str:
    proof = request.POST.get("proof", "").strip()
    if len(proof) < 2:
        raise ProofMissing
    return proof[:80]


@door("bureau", "elders/<int:elder_id>/proxies/<int:proxy_id>/end/", POST, name="proxy_end")
def unbind(request: HttpRequest, _: Actor, elder_id: int, proxy_id: int) -> HttpResponse:
    """End a binding; a guardianship with a second officer."""
    reason = request.POST.get("reason", "").strip()

    def act(actor: Actor, elder: Elder) -> object:
        reason_in(reason, "请写明为什么结束，至少 4 个字。", field=f"reason-{proxy_id}")
        guardian = guardian_of(elder)
        if guardian is not None and guardian.pk == proxy_id:
            return ask_guardian_end(actor, elder, key_of(request.POST), proxy_id, reason)
        return end_proxy(actor, elder, proxy_id, reason)

    return _act(request, elder_id, "办好了。监护要等另一位同事审核。", act)


@door("bureau", "elders/<int:elder_id>/consents/<slug:purpose>/", POST)
def consent(request: HttpRequest, _: Actor, elder_id: int, purpose: str) -> HttpResponse:
    """Enter consent given or withdrawn on paper."""
    said, version = request.POST.get("given", ""), request.POST.get("version", "")

    def act(actor: Actor, elder: Elder) -> object:
        if said not in {"1", "0"}:
            raise Refused("请点“登记同意”或“登记收回”。")
        return say(
            actor,
            elder,
            purpose,
            given=said == "1",
            version=whole_number(version),
            proof=request.POST.get("proof", ""),
        )

    return _act(request, elder_id, "登记好了，现在就生效。", act)


@door("bureau", "elders/<int:elder_id>/holds/", POST)
def hold(request: HttpRequest, _: Actor, elder_id: int) -> HttpResponse:
    """Keep the record from being erased."""
    reason = request.POST.get("reason", "")
    return _act(
        request, elder_id, "记下了，解除之前不能清除。", lambda a, e: place_hold(a, e, reason)
    )


@door("bureau", "elders/<int:elder_id>/holds/<int:hold_id>/lift/", POST)
def hold_lift(request: HttpRequest, _: Actor, elder_id: int, hold_id: int) -> HttpResponse:
    """Let the record be erased again."""
    return _act(request, elder_id, "解除了。", lambda a, e: lift_hold(a, e, hold_id))


@door("bureau", "elders/<int:elder_id>/erasure/", POST)
def erasure(request: HttpRequest, _: Actor, elder_id: int) -> HttpResponse:
    """Ask two others to erase the person."""
    why = request.POST.get("why", "")
    return _act(
        request,
        elder_id,
        "提交了。另外两位同事都同意后清除。",
        lambda a, e: ask_erasure(a, e, key_of(request.POST), why),
    )
