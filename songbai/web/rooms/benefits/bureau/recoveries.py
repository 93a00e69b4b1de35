"""Money paid too much or too little: the lists, and one recovery with instalments and waiver."""

from typing import Any

from songbai.core import clock
from songbai.core.accounts.rules import Reach, may
from songbai.core.approvals.queries import of_person
from songbai.core.approvals.rules import ProposalState
from songbai.core.errors import Refused
from songbai.domain.benefits.actions.correcting import (
    ask_return,
    ask_waiver,
    set_instalments,
)
from songbai.domain.benefits.actions.correcting.recovering import RETURN, WAIVER
from songbai.domain.benefits.declares import BENEFIT_PAY
from songbai.domain.benefits.models import Recovery
from songbai.domain.benefits.queries.corrections import arrears_in, recoveries_in, recovery
from songbai.domain.benefits.rules.paying import MOST_INSTALMENTS, InstalmentState, months_from
from songbai.domain.elders.queries import village_words
from songbai.web.doors import door, form, posted
from songbai.web.frames.bureau.shell import page
from songbai.web.rooms.elders.looks import noted
from songbai.web.rooms.elders.words import who
from songbai.web.typed_money import fen_typed
from songbai.web.views import Actor, HttpRequest, HttpResponse, done, key_of, whole_number

from ..explaining import policy_name
from .correcting_rows import arrears_rows, recovery_next, recovery_rows
from .paying import part_page, policy_asked
from .people_rows import cause_words


@door("bureau", "benefits/recoveries/")
def recoveries(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Who owes money back, the newest first; with ``?show=all`` also what is settled."""
    whole = request.GET.get("show") == "all"
    among = recoveries_in(actor, open_only=not whole)
    rows = recoveries_in(actor, policy_asked(request), open_only=not whole)
    return part_page(request, "recoveries", "办理追缴", rows, among, recovery_rows, whole=whole)


@door("bureau", "benefits/arrears/")
def arrears(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Arrears no payment carries yet, the oldest month first."""
    rows, among = arrears_in(actor, policy_asked(request)), arrears_in(actor)
    return part_page(request, "arrears", "查看补发", rows, among, arrears_rows)


@form("bureau", "benefits/recoveries/<int:recovery_id>/", name="recovery")
def recovery_page(request: HttpRequest, actor: Actor, recovery_id: int) -> HttpResponse:
    """What one person owes back; POST does what the pressed button says."""
    found = recovery(actor, recovery_id)
    if posted(request):
        return done(request, _do(actor, found, request.POST), "bureau:recovery", recovery_id)
    elder = found.elder
    noted(request, [elder], "办理追缴", "name", "age", "village", "money")
    parts = sorted(found.instalments.all(), key=lambda one: one.number)
    due = [one for one in parts if one.state == InstalmentState.DUE]
    asked = [
        one
        for kind in (RETURN, WAIVER)
        for one in of_person(actor, elder.pk, kind).filter(subject_id=found.pk)
    ]
    open_kinds = {one.kind for one in asked if one.state == ProposalState.OPEN}
    district = Reach(found.region_id[:6].ljust(12, "0"))
    this = clock.month_of(clock.today())
    return page(
        request,
        "recovery",
        "failed_payments",
        one=found,
        elder=elder,
        who=who(elder),
        village=village_words(elder),
        policy=policy_name(found.policy),
        cause=cause_words(found.cause),
        next=recovery_next(found),
        instalments=parts,
        unplanned=found.open - sum(one.amount for one in due),
        proposals=asked,
        waits=WAIVER in open_kinds,
        returning=RETURN in open_kinds,
        due=due,
        can=may(actor, BENEFIT_PAY, district),
        months=months_from(this, 13),
        most=MOST_INSTALMENTS,
    )


def _do(actor: Actor, found: Recovery, given: Any) -> str:
    """One act on a recovery; says what was done."""
    act = given.get("act", "")
    if act == "plan":
        count = whole_number(given.get("count", ""))
        rows = set_instalments(actor, found.pk, count, given.get("first", ""))
        return f"排好了，分 {len(rows)} 期，到期从发放中扣还。"
    if act == "return":
        part = whole_number(given.get("part", ""))
        ask_return(actor, found.pk, part, given.get("receipt", ""), key_of(given))
        return "报上去了，另一位同事核对到账后才算退回。"
    if act == "waive":
        fen = fen_typed(given.get("amount", "")) or 0
        ask_waiver(actor, found.pk, fen, given.get("why", ""), key_of(given))
        return "报上去了，要另一位同事审批。"
    raise Refused("请按页面上的按钮办。")
