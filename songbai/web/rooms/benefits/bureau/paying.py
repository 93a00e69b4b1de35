"""Money on its way: what did not arrive, what is owed back or late, who is not paid for a time."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.dateparse import parse_date

from songbai.core import clock
from songbai.core.accounts.rules import Reach, may
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.queries import of_person, payload_of
from songbai.core.approvals.rules import ProposalState
from songbai.core.errors import Refused
from songbai.domain.benefits.actions.correcting import (
    ask_return,
    ask_waiver,
    resume,
    set_instalments,
    suspend,
)
from songbai.domain.benefits.actions.correcting.recovering import RETURN, WAIVER
from songbai.domain.benefits.actions.paying import ask_account, call_off, pay_after_all, try_again
from songbai.domain.benefits.bank.format import REASONS
from songbai.domain.benefits.declares import BENEFIT_CHECK, BENEFIT_PAY
from songbai.domain.benefits.models import Payment, PaymentLine, Recovery, Suspension
from songbai.domain.benefits.queries.corrections import (
    arrears_in,
    corrections_of_elder,
    recoveries_in,
    recovery,
    suspension,
    suspensions_in,
)
from songbai.domain.benefits.queries.cycles import of_elder
from songbai.domain.benefits.queries.payments import (
    account_of,
    failed,
    held,
    last_reasons,
    mended,
    others_with_account,
    payment,
    payments_of_elder,
    to_mend,
    tries_of,
    without_account,
)
from songbai.domain.benefits.queries.sendable import Hold, held_why
from songbai.domain.benefits.rules.paying import (
    MOST_INSTALMENTS,
    InstalmentState,
    LineState,
    PaymentState,
    SuspensionReason,
    months_from,
)
from songbai.domain.elders.actions.corrections import CORRECTION
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import get, person_of_records, reach_of, survivor_of
from songbai.domain.elders.rules.kinds import BANK_CARD
from songbai.web.asked import fen_typed, whole_number
from songbai.web.doors import private
from songbai.web.frames.bureau.shell import link, page
from songbai.web.rooms.elders.looks import noted, people_slice
from songbai.web.views import Actor, HttpRequest, HttpResponse, done, door, form, key_of, posted

from ..explaining import policy_name

#: The pages of what went wrong with money, and their names.
PARTS = {
    "failed_payments": "发放失败",
    "recoveries": "追缴",
    "arrears": "补发",
    "suspensions": "暂停发放",
}
#: The lists of the page, and what an empty one says.
SHOW = {
    "": ("要处理的", "银行退回的钱会出现在这里。"),
    "held": ("先不发的", "登记去世或离开本市的、账号是别人的，会在这里等人核对。"),
    "mended": ("处理好了，等下一个银行文件", "账号核对换好或再发一次的，会在这里等银行文件。"),
    "none": ("没有账号，没交银行的", "有账号的，系统会自动交给银行。"),
}
#: So many payments of one person are shown.
SHOWN_PAYMENTS = 24


def part_page(
    request: HttpRequest,
    name: str,
    why: str,
    rows: QuerySet[Any],
    among: QuerySet[Any],
    *,
    read: Callable[[list[Any]], Sequence[object]] = list,
    sees: str = "money",
    **values: Any,
) -> HttpResponse:
    """Draw one of these pages: the slice asked for of some rows, and the policies of those it is
    ``among``; that ``why`` and what it ``sees`` of their people is noted.
    """
    shown = people_slice(request, rows, why, "name", "age", "village", sees)
    values |= {"parts": [(words, link(part), part == name) for part, words in PARTS.items()]}
    values |= {"policy": policy_asked(request), "policies": _policies_in(among)}
    return page(request, name, "failed_payments", rows=read(shown.rows), shown=shown, **values)


def policy_asked(request: HttpRequest) -> str:
    """The policy to which such a page is cut; "" for all."""
    return request.GET.get("policy", "")[:40]


def _policies_in(rows: QuerySet[Model]) -> list[tuple[str, str]]:
    """The policies of some rows, by name: code and name."""
    codes = rows.order_by().values_list("policy", flat=True).distinct()
    return sorted(((code, policy_name(code)) for code in codes), key=lambda pair: pair[1])


def payment_rows(rows: Iterable[Payment]) -> list[tuple[Payment, str]]:
    """Payments, and why each did not arrive: what the bank said last, what holds it back now."""
    found = list(rows)
    said = last_reasons(one for one in found if one.state == PaymentState.FAILED)
    held = {pk: why.words for pk, why in held_why(found).items()}
    return [(one, "；".join(w[one.pk] for w in (said, held) if one.pk in w)) for one in found]


def _tries(
    actor: Actor, lines: Iterable[PaymentLine], where: str
) -> list[tuple[PaymentLine, str, str]]:
    """Each time somebody's money went to the bank: to which account (masked, its reading leaves a
    trace), and what came of it.
    """
    return [
        (
            line,
            account_of(actor, line, purpose="核对发放账号", where=where),
            REASONS.get(line.reason, LineState(line.state).words),
        )
        for line in lines
    ]


@door("bureau", "benefits/payments/failed/")
def failed_payments(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Payments the bank refused, the oldest first; those mended; those without an account."""
    show = request.GET.get("show", "")
    show = show if show in SHOW else ""
    listed = {"": to_mend, "held": held, "mended": mended}.get(show)
    rows = listed(actor, policy_asked(request)) if listed else without_account(actor)
    return part_page(
        request,
        "failed_payments",
        "处理发放失败",
        rows,
        failed(actor),
        read=payment_rows,
        show=show,
        shows=[(code, words) for code, (words, _) in SHOW.items()],
        empty=SHOW[show][1],
    )


@form("bureau", "benefits/payments/<int:payment_id>/", name="payment")
def payment_page(request: HttpRequest, actor: Actor, payment_id: int) -> HttpResponse:
    """One payment, how often it went to the bank; POST does what the pressed button says."""
    found = payment(actor, payment_id)
    if posted(request):
        return done(request, _pay(actor, found, request.POST), "bureau:failed_payments")
    elder = survivor_of(actor, found.elder)
    noted(request, [elder], "查看一笔发放", "name", "age", "village", "money")
    held = held_why([found]).get(found.pk)
    others = others_with_account(actor, found) if held is Hold.ACCOUNT else []
    noted(request, others, "核对两位老人同一个账号", "name", "village")
    open_ = found.state in {PaymentState.FAILED, PaymentState.READY, PaymentState.HELD}
    why = last_reasons([found]).get(found.pk, "")
    return private(
        page(
            request,
            "payment",
            "failed_payments" if open_ else "cycles",
            one=found,
            elder=elder,
            policy=policy_name(found.policy),
            why=why if found.state == PaymentState.FAILED else "",
            held=held,
            shared=held is Hold.ACCOUNT,
            others=others,
            ended=held is Hold.DEATH,
            mended=mended(actor).filter(pk=found.pk).exists(),
            tries=_tries(actor, tries_of(actor, found), request.path),
            can=open_ and may(actor, BENEFIT_PAY, reach_of(elder)),
            waits=_waiting(actor, found),
        )
    )


def _pay(actor: Actor, found: Payment, sent: Any) -> str:
    """One act on a payment; says what was done."""
    act = sent.get("act", "")
    if act == "account":
        account, basis = sent.get("account", ""), sent.get("basis", "")
        shared = bool(sent.get("shared"))
        ask_account(actor, found.pk, account, basis, key_of(sent), shared=shared)
        return "新账号报上去了，另一位同事核对同意以后，下一个银行文件会发到这个账号。"
    if act == "again":
        try_again(actor, found.pk)
        return "记下了，下一个银行文件会用同一个账号再发一次。"
    if act == "off":
        call_off(actor, found.pk, sent.get("why", ""))
        return "记下了，这笔钱不再发放。"
    if act == "all":
        pay_after_all(actor, found.pk, sent.get("why", ""))
        return "记下了，这笔钱照发，会放进下一个银行文件。"
    raise Refused("请按页面上的按钮办。")


def _waiting(actor: Actor, found: Payment) -> list[Proposal]:
    """Other accounts of this person that wait for a second officer."""
    records = person_of_records([survivor_of(actor, found.elder).pk])
    asked = (one for record in records for one in of_person(actor, record, CORRECTION))
    waiting = (one for one in asked if one.state == ProposalState.OPEN)
    return [one for one in waiting if payload_of(one)["kind"] == BANK_CARD]


@door("bureau", "benefits/recoveries/")
def recoveries(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Who owes money back, the newest first; with ``?show=all`` also what is settled."""
    whole = request.GET.get("show") == "all"
    among = recoveries_in(actor, open_only=not whole)
    rows = recoveries_in(actor, policy_asked(request), open_only=not whole)
    return part_page(request, "recoveries", "办理追缴", rows, among, whole=whole)


@door("bureau", "benefits/arrears/")
def arrears(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Arrears no payment carries yet, the oldest month first."""
    rows, among = arrears_in(actor, policy_asked(request)), arrears_in(actor)
    return part_page(request, "arrears", "查看补发", rows, among)


@form("bureau", "benefits/recoveries/<int:recovery_id>/", name="recovery")
def recovery_page(request: HttpRequest, actor: Actor, recovery_id: int) -> HttpResponse:
    """What one person owes back; POST does what the pressed button says."""
    found = recovery(actor, recovery_id)
    if posted(request):
        return done(request, _recover(actor, found, request.POST), "bureau:recovery", recovery_id)
    elder = survivor_of(actor, found.elder)
    noted(request, [elder], "办理追缴", "name", "age", "village", "money")
    parts = sorted(found.instalments.all(), key=lambda one: one.number)
    due = [one for one in parts if one.state == InstalmentState.DUE]
    asked = [
        one
        for kind in (RETURN, WAIVER)
        for record in dict.fromkeys([elder.pk, found.elder_id])
        for one in of_person(actor, record, kind).filter(subject_id=found.pk)
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
        policy=policy_name(found.policy),
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


def _recover(actor: Actor, found: Recovery, given: Any) -> str:
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
        sees="benefits",
        whole=whole,
    )


@form("bureau", "benefits/suspensions/<int:suspension_id>/", name="suspension")
def suspension_page(request: HttpRequest, actor: Actor, suspension_id: int) -> HttpResponse:
    """One suspension; POST ends it."""
    found = suspension(actor, suspension_id)
    elder, sent = survivor_of(actor, found.elder), request.POST
    if posted(request):
        pay_back = sent.get("pay_back") != "no"
        months = resume(actor, found.pk, _day(sent), sent.get("note", ""), pay_back=pay_back)
        kept = f"暂停的 {months} 个月随下一批补发" if months else "没有要补发的月份"
        words = f"恢复了，下一批起照常发；{kept}。"
        return done(request, words, "bureau:suspension", suspension_id)
    noted(request, [elder], "查看暂停发放", "name", "age", "village", "benefits")
    return page(
        request,
        "suspension",
        "failed_payments",
        one=found,
        elder=elder,
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
    noted(request, [elder], "查看发放和追缴", "name", "age", "village", "money")
    owed, back, kept = corrections_of_elder(actor, elder)
    payments = payments_of_elder(actor, elder).select_related("elder")[:SHOWN_PAYMENTS]
    return page(
        request,
        "elder_paying",
        "elders",
        elder=elder,
        payments=payment_rows(payments),
        arrears=owed,
        recoveries=back,
        suspensions=kept,
        can=may(actor, BENEFIT_CHECK, reach_of(elder)),
        policies=_policies_of(actor, elder),
        reasons=SuspensionReason.choices(),
        today=clock.today().isoformat(),
    )


def _suspend(actor: Actor, elder: Elder, sent: Any) -> Suspension:
    policy, reason = sent.get("policy", ""), sent.get("reason", "")
    if policy not in dict(_policies_of(actor, elder)):
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


def _policies_of(actor: Actor, elder: Elder) -> list[tuple[str, str]]:
    """What somebody gets or got: code and name."""
    codes = {one.cycle.policy for one in of_elder(elder.pk, elder.region_id)}
    codes |= set(payments_of_elder(actor, elder).order_by().values_list("policy", flat=True))
    return sorted(((code, policy_name(code)) for code in codes), key=lambda pair: pair[1])
