"""Who may act for the elder: see, invite, agree, end."""

from songbai.core.approvals.actions import vote, withdraw
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.queries import get as get_proposal
from songbai.core.approvals.queries import of_person
from songbai.core.approvals.rules import ProposalState, Verdict
from songbai.core.errors import FormError, Refused
from songbai.domain.elders.actions.family import RELATIVE, invite_relative, may_decide
from songbai.domain.elders.actions.numbers import NUMBER_KIN, WAIT, is_holder, may_decide_kin
from songbai.domain.elders.actions.proxies import end_proxy
from songbai.domain.elders.models import Proxy
from songbai.domain.elders.queries.family import guardian_of, standing
from songbai.domain.elders.queries.figures import proxies_of
from songbai.domain.elders.rules.family import (
    RELATIONS,
    may_end,
    standing_of,
)
from songbai.web.rooms.elders.household import Household, household, note, page
from songbai.web.templatetags.songbai import day_words, hm
from songbai.web.views import Actor, HttpRequest, HttpResponse, done, door, form, key_of, refusal

from ..forms import invited

#: For how long somebody may be let in at once: words and days.
SPANS = {"90": "3 个月", "365": "1 年", "1095": "3 年"}
VOTED = {"yes": "同意了，对方现在就能登录。", "no": "没有同意，对方进不来。"}
#: What relatives decide among themselves, and who of them may.
_MAY = {RELATIVE: may_decide, NUMBER_KIN: may_decide_kin}
EMPTY = {"name": "", "phone": "", "relation": "", "days": "365", "order": "1", "money": ""}


@door("family", "elders/<int:elder_id>/relatives/")
def relatives(request: HttpRequest, _: Actor, elder_id: int, **__: object) -> HttpResponse:
    """Everybody who may act for the elder, and who is asked for."""
    return _show(request, household(request, elder_id))


def _show(request: HttpRequest, home: Household) -> HttpResponse:
    note(request, home, ["name", "proxies"], "家属看谁能办事")
    elder, actor = home.elder, home.actor
    guardian, mine = guardian_of(elder), standing(actor, elder)
    waiting = of_person(actor, elder.pk).filter(state=ProposalState.OPEN)
    return page(
        request,
        "family/relatives.html",
        home,
        here="me",
        standing=mine.words,
        guardian=guardian,
        rows=[(proxy, _may_end(home, proxy, guardian)) for proxy in proxies_of(elder)],
        asked=[(one, _may_say(home, one)) for one in waiting.filter(kind__in=_MAY)],
        relations=RELATIONS,
        spans=SPANS,
        typed=request.POST if "name" in request.POST else EMPTY,
        error=refusal(request),
    )


def _may_end(home: Household, proxy: Proxy, guardian: Proxy | None) -> bool:
    return may_end(
        standing(home.actor, home.elder),
        standing_of(proxy.relation, guardian=proxy.is_guardian),
        own=proxy.account_id == home.actor.account_id,
        under_guardianship=guardian is not None,
    )


def _may_say(home: Household, proposal: Proposal) -> str:
    """What this reader may do with an open invitation: "withdraw", "vote", "refuse", or
    nothing.
    """
    if proposal.proposer_id == home.actor.account_id:
        return "withdraw"
    if proposal.kind == NUMBER_KIN and is_holder(home.actor, proposal):
        return "refuse"
    agreed = proposal.kind == NUMBER_KIN and proposal.votes.exists()
    return "vote" if _MAY[proposal.kind](home.actor, proposal) and not agreed else ""


@form(
    "family",
    "elders/<int:elder_id>/relatives/invite/",
    name="relative_invite",
    mends=FormError,
    shows=relatives,
)
def invite(request: HttpRequest, _: Actor, elder_id: int) -> HttpResponse:
    """Ask that somebody else may help."""
    home = household(request, elder_id)
    asked = invited(request.POST, SPANS)
    invite_relative(home.actor, home.elder, key_of(request.POST), asked)
    words = "邀请提交了。老人、监护人或社区同意以后，对方就能登录帮忙。"
    return done(request, words, "family:relatives", elder_id)


@form(
    "family",
    "elders/<int:elder_id>/relatives/<int:proxy_id>/end/",
    name="relative_end",
    mends=FormError,
    shows=relatives,
)
def end(request: HttpRequest, _: Actor, elder_id: int, proxy_id: int) -> HttpResponse:
    """End a binding."""
    home = household(request, elder_id)
    reason = request.POST.get("reason", "").strip()
    if len(reason) < 2:
        raise Refused("请写一句为什么结束，老人和社区看得到。", field=f"reason-{proxy_id}")
    ended = end_proxy(home.actor, home.elder, proxy_id, reason)
    words = "结束了，对方从现在起看不到老人的资料。"
    if ended.account_id == home.actor.account_id:
        return done(request, words, "family:me")
    return done(request, words, "family:relatives", elder_id)


def _of_proposal(request: HttpRequest, actor: Actor, proposal_id: int) -> HttpResponse:
    """The relatives of the elder whom a proposal is about."""
    return _show(request, household(request, get_proposal(actor, proposal_id).person_id))


@form("family", "proposals/<int:proposal_id>/vote/", mends=FormError, shows=_of_proposal)
def proposal_vote(request: HttpRequest, actor: Actor, proposal_id: int) -> HttpResponse:
    """Agree, or not, that somebody else may help."""
    home = household(request, get_proposal(actor, proposal_id).person_id)
    said = request.POST.get("verdict", "")
    if said not in {"yes", "no"}:
        raise Refused("请点“同意”或“不同意”。")
    found = vote(actor, proposal_id, Verdict(said), request.POST.get("why", ""))
    return done(request, _voted(found, said), "family:relatives", home.elder.pk)


def _voted(found: Proposal, said: str) -> str:
    """What follows from a vote."""
    if found.kind != NUMBER_KIN:
        return VOTED[said]
    if said == "no":
        return "没有同意，不换号。"
    if found.state == ProposalState.APPROVED:
        return "同意了，从现在起用新号码登录。"
    until = found.proposed_at + WAIT
    return f"同意了。{day_words(until)} {hm(until)} 以后才改，原来的号码在这之前可以不同意。"


@form("family", "proposals/<int:proposal_id>/withdraw/", mends=FormError, shows=_of_proposal)
def proposal_withdraw(request: HttpRequest, actor: Actor, proposal_id: int) -> HttpResponse:
    """Take back what one asked for oneself."""
    proposal = get_proposal(actor, proposal_id)
    home = household(request, proposal.person_id)
    withdraw(actor, proposal_id)
    target = "family:relatives" if proposal.kind in _MAY else "family:corrections"
    return done(request, "撤回了。", target, home.elder.pk)
