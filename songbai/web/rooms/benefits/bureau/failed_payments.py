"""Money that did not arrive: the work list, and one payment with what can be done about it."""

from typing import Any

from songbai.core.accounts.rules import Actor, may
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.queries import of_person, payload_of
from songbai.core.approvals.rules import ProposalState
from songbai.core.errors import Refused
from songbai.domain.benefits.actions.paying import ask_account, call_off, try_again
from songbai.domain.benefits.declares import BENEFIT_PAY
from songbai.domain.benefits.models import Payment
from songbai.domain.benefits.queries.payments import (
    failed,
    mended,
    payment,
    to_mend,
    tries_of,
    without_account,
)
from songbai.domain.benefits.rules.paying import PaymentState
from songbai.domain.elders.actions.corrections import CORRECTION
from songbai.domain.elders.queries import reach_of, village_words
from songbai.domain.elders.rules.kinds import BANK_CARD
from songbai.web.frames.bureau.shell import page
from songbai.web.rooms.elders.looks import noted
from songbai.web.rooms.elders.words import who
from songbai.web.views import HttpRequest, HttpResponse, done, door, form, key_of, posted, private

from ..explaining import policy_name
from .paying import part_page, payment_rows, policy_asked, tries

#: The lists of the page, and what an empty one says.
SHOW = {
    "": ("要处理的", "银行退回的钱会出现在这里。"),
    "mended": ("处理好了，等下一个银行文件", "账号核对换好或再发一次的，会在这里等银行文件。"),
    "none": ("没有账号，没交银行的", "有账号的，系统会自动交给银行。"),
}


@door("bureau", "benefits/payments/failed/")
def failed_payments(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Payments the bank refused, the oldest first; those mended; those without an account."""
    show = request.GET.get("show", "")
    show = show if show in SHOW else ""
    listed = {"": to_mend, "mended": mended}.get(show)
    rows = listed(actor, policy_asked(request)) if listed else without_account(actor)
    shows = [(code, words) for code, (words, _) in SHOW.items()]
    why, empty = "处理发放失败", SHOW[show][1]
    among = failed(actor)
    return part_page(
        request,
        "failed_payments",
        why,
        rows,
        among,
        payment_rows,
        show=show,
        shows=shows,
        empty=empty,
    )


@form("bureau", "benefits/payments/<int:payment_id>/", name="payment")
def payment_page(request: HttpRequest, actor: Actor, payment_id: int) -> HttpResponse:
    """One payment, how often it went to the bank; POST does what the pressed button says."""
    found = payment(actor, payment_id)
    if posted(request):
        return done(request, _do(actor, found, request.POST), "bureau:failed_payments")
    return _show(request, actor, found)


def _do(actor: Actor, found: Payment, sent: Any) -> str:
    """One act on a payment; says what was done."""
    act = sent.get("act", "")
    if act == "account":
        ask_account(actor, found.pk, sent.get("account", ""), sent.get("basis", ""), key_of(sent))
        return "新账号报上去了，另一位同事核对同意以后，下一个银行文件会发到这个账号。"
    if act == "again":
        try_again(actor, found.pk)
        return "记下了，下一个银行文件会用同一个账号再发一次。"
    if act == "off":
        call_off(actor, found.pk, sent.get("why", ""))
        return "记下了，这笔钱不再发放。"
    raise Refused("请按页面上的按钮办。")


def _waiting(actor: Actor, found: Payment) -> list[Proposal]:
    """Other accounts of this person that wait for a second officer."""
    asked = of_person(actor, found.elder_id, CORRECTION).filter(state=ProposalState.OPEN)
    return [one for one in asked if payload_of(one)["kind"] == BANK_CARD]


def _show(request: HttpRequest, actor: Actor, found: Payment) -> HttpResponse:
    elder = found.elder
    noted(request, [elder], "查看一笔发放", "name", "age", "village", "money")
    open_ = found.state in {PaymentState.FAILED, PaymentState.READY}
    [row] = payment_rows([found])
    return private(
        page(
            request,
            "payment",
            "failed_payments" if open_ else "cycles",
            one=found,
            elder=elder,
            who=who(elder),
            village=village_words(elder),
            policy=policy_name(found.policy),
            why=row.why if found.state == PaymentState.FAILED else "",
            mended=mended(actor).filter(pk=found.pk).exists(),
            tries=tries(actor, tries_of(actor, found), request.path),
            can=open_ and may(actor, BENEFIT_PAY, reach_of(elder)),
            waits=_waiting(actor, found),
        )
    )
