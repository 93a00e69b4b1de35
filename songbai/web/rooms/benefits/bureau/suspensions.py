"""Not paying somebody for a time, paying again, and one person's money with suspending."""

from datetime import date
from typing import Any

from django.utils.dateparse import parse_date

from songbai.core import clock
from songbai.core.accounts.rules import may
from songbai.core.errors import Refused
from songbai.domain.benefits.actions.correcting import resume, suspend
from songbai.domain.benefits.declares import BENEFIT_CHECK
from songbai.domain.benefits.models import Suspension
from songbai.domain.benefits.queries.corrections import (
    corrections_of_elder,
    suspension,
    suspensions_in,
)
from songbai.domain.benefits.queries.cycles import of_elder
from songbai.domain.benefits.queries.payments import payments_of_elder
from songbai.domain.benefits.rules.paying import SuspensionReason
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import get, reach_of, village_words
from songbai.web.frames.bureau.shell import page
from songbai.web.rooms.elders.looks import noted
from songbai.web.rooms.elders.words import who
from songbai.web.views import Actor, HttpRequest, HttpResponse, done, door, form, posted

from ..explaining import policy_name
from .correcting_rows import arrears_rows, recovery_rows, suspension_rows
from .paying import part_page, payment_rows, policy_asked

#: So many payments of one person are shown.
SHOWN_PAYMENTS = 24


@door("bureau", "benefits/suspensions/")
def suspensions(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Who is not paid for a time, the newest first; with ``?show=all`` also what ended."""
    whole = request.GET.get("show") == "all"
    among = suspensions_in(actor, open_only=not whole)
    rows = suspensions_in(actor, policy_asked(request), open_only=not whole)
    return part_page(
        request,
        "suspensions",
        "查看暂停发放",
        rows,
        among,
        suspension_rows,
        sees="benefits",
        whole=whole,
    )


@form("bureau", "benefits/suspensions/<int:suspension_id>/", name="suspension")
def suspension_page(request: HttpRequest, actor: Actor, suspension_id: int) -> HttpResponse:
    """One suspension; POST ends it."""
    found = suspension(actor, suspension_id)
    elder, sent = found.elder, request.POST
    if posted(request):
        pay_back = sent.get("pay_back") != "no"
        months = resume(actor, found.pk, _day(sent), sent.get("note", ""), pay_back=pay_back)
        kept = f"暂停的 {months} 个月随下一批补发" if months else "没有要补发的月份"
        words = f"恢复了，下一批起照常发；{kept}。"
        return done(request, words, "bureau:suspension", suspension_id)
    noted(request, [elder], "查看暂停发放", "name", "age", "village", "benefits")
    [row] = suspension_rows([found])
    return page(
        request,
        "suspension",
        "failed_payments",
        one=found,
        elder=elder,
        row=row,
        village=village_words(elder),
        can=found.ended_at is None and may(actor, BENEFIT_CHECK, reach_of(elder)),
        today=clock.today().isoformat(),
    )


@form("bureau", "elders/<int:elder_id>/paying/")
def elder_paying(request: HttpRequest, actor: Actor, elder_id: int) -> HttpResponse:
    """What one person was paid, is to get later, owes back; POST suspends a benefit."""
    elder = get(actor, elder_id)
    if posted(request):
        made = _suspend(actor, elder, request.POST)
        words = "暂停了。从下一批起不发，名单里留着。"
        return done(request, words, "bureau:suspension", made.pk)
    return _person(request, actor, elder)


def _suspend(actor: Actor, elder: Elder, sent: Any) -> Suspension:
    policy, reason = sent.get("policy", ""), sent.get("reason", "")
    if policy not in dict(_policies(actor, elder)):
        raise Refused("请选要暂停的待遇。", field="policy")
    if reason not in [*SuspensionReason]:
        raise Refused("请选原因。", field="reason")
    since = _day(sent)
    return suspend(actor, elder, policy, SuspensionReason(reason), since, sent.get("note", ""))


def _day(sent: Any) -> date:
    """The day typed. Raises Refused."""
    try:
        found = parse_date(sent.get("day", ""))
    except ValueError:
        found = None
    if found is None:
        raise Refused("请填日期。", field="day")
    return found


def _policies(actor: Actor, elder: Elder) -> list[tuple[str, str]]:
    """What somebody gets or got: code and name."""
    codes = {one.cycle.policy for one in of_elder(elder.pk, elder.region_id)}
    codes |= set(payments_of_elder(actor, elder).order_by().values_list("policy", flat=True))
    return sorted(((code, policy_name(code)) for code in codes), key=lambda pair: pair[1])


def _person(request: HttpRequest, actor: Actor, elder: Elder) -> HttpResponse:
    noted(request, [elder], "查看发放和追缴", "name", "age", "village", "money")
    owed, back, kept = corrections_of_elder(actor, elder)
    payments = payments_of_elder(actor, elder).select_related("elder")[:SHOWN_PAYMENTS]
    return page(
        request,
        "elder_paying",
        "elders",
        elder=elder,
        who=who(elder),
        village=village_words(elder),
        payments=payment_rows(payments),
        arrears=arrears_rows(owed),
        recoveries=recovery_rows(back),
        suspensions=suspension_rows(kept),
        can=may(actor, BENEFIT_CHECK, reach_of(elder)),
        policies=_policies(actor, elder),
        reasons=SuspensionReason.choices(),
        today=clock.today().isoformat(),
    )
