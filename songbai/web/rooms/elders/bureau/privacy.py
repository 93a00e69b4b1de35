"""One elder's say: who may act, what was agreed to, what is kept from erasure, erasure itself."""

from collections.abc import Callable
from datetime import timedelta

from songbai.core import clock
from songbai.core.accounts.actions import family_account
from songbai.core.accounts.numbers import OtherName
from songbai.core.approvals.queries import of_person
from songbai.core.approvals.rules import ProposalState
from songbai.core.errors import FormError, Refused
from songbai.core.reasons import reason_in
from songbai.domain.elders.actions.consents import say
from songbai.domain.elders.actions.erasure import ask_erasure, lift_hold, place_hold
from songbai.domain.elders.actions.family import (
    ProofMissing,
    ask_guardian,
    ask_guardian_end,
    ask_herself,
)
from songbai.domain.elders.actions.passing import report_death
from songbai.domain.elders.actions.proxies import bind_proxy, end_proxy, is_her_number
from songbai.domain.elders.queries import get
from songbai.domain.elders.queries.family import agreements, ended_bindings, guardian_of, holds_of
from songbai.domain.elders.queries.figures import proxies_of
from songbai.domain.elders.rules import ProxyScope
from songbai.domain.elders.rules.erasure import ERASED_WORDS, KEPT_WORDS
from songbai.domain.elders.rules.family import (
    PROOFS,
    RELATIONS,
    SELF_RELATION,
    Invitation,
    problems,
)
from songbai.web.doors import View, door, form, refusal
from songbai.web.rooms.elders.looks import noted
from songbai.web.rooms.files.proofs import keep_proof
from songbai.web.views import Actor, HttpRequest, HttpResponse, Shown, done, key_of, whole_number

from ..forms import invited
from .numbers import note_refused

SPANS = {"365": "1 年", "1095": "3 年", "1825": "5 年"}


@door("bureau", "elders/<int:elder_id>/privacy/")
def privacy(request: HttpRequest, actor: Actor, elder_id: int, **_: object) -> Shown:
    """Everything an elder decides about the record, for the clerk at whose desk the elder sits."""
    elder = get(actor, elder_id)
    noted(request, [elder], "办理授权和同意", "name", "village", "proxies", "consents")
    return {
        "elder": elder,
        "guardian": guardian_of(elder),
        "proxies": proxies_of(elder),
        "ended": ended_bindings(elder),
        "agreements": agreements(actor, elder),
        "holds": holds_of(elder),
        "waiting": of_person(actor, elder.pk).filter(state=ProposalState.OPEN)[:20],
        "relations": (SELF_RELATION, *RELATIONS),
        "proofs": PROOFS,
        "spans": SPANS,
        "erased_words": ERASED_WORDS,
        "kept_words": KEPT_WORDS,
        "other_name": isinstance(refusal(request), OtherName),
    }


def _sent(address: str, *, name: str = "") -> Callable[[View], View]:
    """Decorator of a view to which a form of the page is sent."""
    address = f"elders/<int:elder_id>/{address}"
    return form("bureau", address, name=name, mends=FormError, shows=privacy)


def _back(request: HttpRequest, elder_id: int, words: str) -> HttpResponse:
    return done(request, words, "bureau:privacy", elder_id)


@_sent("proxies/", name="proxy_bind")
def bind(request: HttpRequest, actor: Actor, elder_id: int) -> HttpResponse:
    """Bind a relative now, or ask a second officer to enter a guardian, or a telephone as the
    elder's own that the register does not know.
    """
    asked = invited(request.POST, SPANS)
    try:
        return _bound(request, actor, elder_id, asked)
    except OtherName:
        note_refused(request, elder_id, asked.phone, asked.name)
        raise


def _bound(request: HttpRequest, actor: Actor, elder_id: int, asked: Invitation) -> HttpResponse:
    elder = get(actor, elder_id)
    if request.POST.get("guardian") == "1":
        file_id = keep_proof(request, actor, elder, "监护证明")
        ask_guardian(actor, elder, key_of(request.POST), asked, _proof(request), file_id)
        return _back(request, elder_id, "提交了。另一位同事审核后生效。")
    for name, words in problems(asked).items():
        if not (name == "relation" and asked.relation == SELF_RELATION):
            raise Refused(words, field=name)
    if asked.relation == SELF_RELATION and not is_her_number(actor, elder, asked.phone):
        ask_herself(actor, elder, key_of(request.POST), asked, _proof(request))
        words = "提交了。档案里的电话不是这个号码，另一位同事审核后生效。"
        return _back(request, elder_id, words)
    bind_proxy(
        actor,
        elder,
        family_account(asked.phone, asked.name),
        relation=asked.relation,
        scope=ProxyScope(order=asked.order, money=asked.money),
        proof=_proof(request),
        until=clock.now() + timedelta(days=asked.days),
    )
    return _back(request, elder_id, "登记好了，对方现在就能登录。")


def _proof(request: HttpRequest) -> str:
    proof = request.POST.get("proof", "").strip()
    if len(proof) < 2:
        raise ProofMissing
    return proof[:80]


@_sent("proxies/<int:proxy_id>/end/", name="proxy_end")
def unbind(request: HttpRequest, actor: Actor, elder_id: int, proxy_id: int) -> HttpResponse:
    """End a binding; a guardianship with a second officer."""
    elder, reason = get(actor, elder_id), request.POST.get("reason", "").strip()
    reason_in(reason, "请写明为什么结束，至少 4 个字。", field=f"reason-{proxy_id}")
    guardian = guardian_of(elder)
    if guardian is not None and guardian.pk == proxy_id:
        ask_guardian_end(actor, elder, key_of(request.POST), proxy_id, reason)
    else:
        end_proxy(actor, elder, proxy_id, reason)
    return _back(request, elder_id, "办好了。监护要等另一位同事审核。")


@_sent("proxies/<int:proxy_id>/died/", name="proxy_died")
def proxy_died(request: HttpRequest, actor: Actor, elder_id: int, proxy_id: int) -> HttpResponse:
    """Somebody who acts for the elder has died; another officer looks."""
    report_death(actor, get(actor, elder_id), proxy_id, request.POST.get("reason", "").strip())
    words = "记下了，这个账号先停用，家里和名单都有提醒。另一位同事核对后结束授权。"
    return _back(request, elder_id, words)


@_sent("consents/<slug:purpose>/")
def consent(request: HttpRequest, actor: Actor, elder_id: int, purpose: str) -> HttpResponse:
    """Enter consent given or withdrawn on paper."""
    sent = request.POST
    given, version = sent.get("given", ""), whole_number(sent.get("version", ""))
    if given not in {"1", "0"}:
        raise Refused("请点“登记同意”或“登记收回”。")
    elder, proof = get(actor, elder_id), sent.get("proof", "")
    say(actor, elder, purpose, given=given == "1", version=version, proof=proof)
    return _back(request, elder_id, "登记好了，现在就生效。")


@_sent("holds/")
def hold(request: HttpRequest, actor: Actor, elder_id: int) -> HttpResponse:
    """Keep the record from being erased."""
    place_hold(actor, get(actor, elder_id), request.POST.get("reason", ""))
    return _back(request, elder_id, "记下了，解除之前不能清除。")


@_sent("holds/<int:hold_id>/lift/")
def hold_lift(request: HttpRequest, actor: Actor, elder_id: int, hold_id: int) -> HttpResponse:
    """Let the record be erased again."""
    lift_hold(actor, get(actor, elder_id), hold_id)
    return _back(request, elder_id, "解除了。")


@_sent("erasure/")
def erasure(request: HttpRequest, actor: Actor, elder_id: int) -> HttpResponse:
    """Ask two others to erase the person."""
    elder = get(actor, elder_id)
    ask_erasure(actor, elder, key_of(request.POST), request.POST.get("why", ""))
    return _back(request, elder_id, "提交了。另外两位同事都同意后清除。")
