"""Benefits in plain words: what there is, what is not yet and when it comes, and objecting."""

from django.contrib import messages
from django.urls import reverse
from django.utils.http import urlencode

from songbai.core import clock, working_days
from songbai.core.errors import NotAllowed, NotFound, Refused
from songbai.domain.benefits.actions import NewObjection, raise_objection, withdraw
from songbai.domain.benefits.models import Objection
from songbai.domain.benefits.queries import grant_of
from songbai.domain.benefits.queries.explain import explain, paid_by_month
from songbai.domain.benefits.queries.objections import get, of_elder
from songbai.domain.benefits.queries.payments import payments_of_elder, told_beside
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.objection import UNSETTLED, Ground
from songbai.domain.benefits.rules.paying import PaymentState
from songbai.domain.benefits.rules.policy import SPENT
from songbai.web.asked import months as recent_months
from songbai.web.asked import next_month
from songbai.web.doors import FORM, door, form, posted, refusal
from songbai.web.rooms.elders.household import Household, household, note, page
from songbai.web.templatetags.songbai import month_words
from songbai.web.views import Actor, HttpRequest, HttpResponse, done, key_of, redirect

from . import explaining
from . import letters as benefit_letters

SHOWN_MONTHS = 12


def _home(request: HttpRequest, elder_id: int) -> Household:
    """The household, for somebody whose binding covers money. Raises NotFound, NotAllowed."""
    home = household(request, elder_id)
    if not home.sees_money:
        raise NotAllowed("您的授权不包括看老人的钱。要看待遇，请老人到社区改授权，或打 12349。")
    return home


def _months(home: Household) -> list[str]:
    """The last months, and the next one once its credit or voucher was given."""
    coming = next_month()
    given = any(grant_of(home.elder, coming, channel) for channel in SPENT)
    return [*([coming] if given else []), *recent_months(SHOWN_MONTHS)]


def _month(months: list[str], text: str) -> Month:
    """One of ``_months``; this one if none is named. Raises NotFound."""
    text = text or clock.month_of(clock.today())
    if text not in months:
        raise NotFound("这个月份看不了，请从列表里选。")
    return Month(text)


@door("family", "elders/<int:elder_id>/benefits/")
def benefits(request: HttpRequest, _: Actor, elder_id: int) -> HttpResponse:
    """Everything of one month, and the months before."""
    home = _home(request, elder_id)
    months = _months(home)
    month = _month(months, request.GET.get("month", ""))
    explained = explain(home.actor, home.elder, month, purpose="家属看待遇", where=request.path)
    cards = explaining.cards_of(explained)
    objections = list(of_elder(home.actor, home.elder.pk)[:20])
    waiting = {one.policy: one for one in objections if _waits(one, month)}
    has, coming = _given(home, month, cards)
    listed = [one for one in coming if one.entry.cycle]
    paid = paid_by_month(home.actor, home.elder, months)
    return page(
        request,
        "family/benefits.html",
        home,
        here="me",
        month=month.text,
        month_words=month_words(month.text),
        months=[(one, month_words(one), paid.get(one)) for one in months],
        cards=[(one, waiting.get(one.code), one in has) for one in cards],
        sums=explaining.sums(has),
        coming=explaining.sums(listed),
        expected=explaining.sums([one for one in coming if not one.entry.cycle]),
        told=told_beside(home.actor, home.elder)[:5],
        objections=[
            (one, explaining.policy_name(one.policy), explaining.effect_words(one))
            for one in objections
        ],
    )


def _given(
    home: Household, month: Month, cards: list[explaining.Card]
) -> tuple[list[explaining.Card], list[explaining.Card]]:
    """What was given of a month, and what is only decided or will be: money that did not arrive
    yet, a credit or voucher that nobody gave out.
    """
    arrived = {
        one.policy
        for one in payments_of_elder(home.actor, home.elder)
        if one.month == month.text and one.state == PaymentState.PAID
    }
    spent = {channel for channel in SPENT if grant_of(home.elder, month.text, channel)}

    def is_given(one: explaining.Card) -> bool:
        pays = one.decision.policy.pay
        return pays in spent if pays in SPENT else one.code in arrived

    yes = [one for one in cards if one.yes]
    return [one for one in yes if is_given(one)], [one for one in yes if not is_given(one)]


def _waits(one: Objection, month: Month) -> bool:
    return one.month == month.text and one.state in UNSETTLED


@door("family", "elders/<int:elder_id>/benefits/<str:month>/letter/")
def benefit_letter(request: HttpRequest, _: Actor, elder_id: int, month: str) -> HttpResponse:
    """The month's letter as PDF."""
    home = _home(request, elder_id)
    told = explain(
        home.actor,
        home.elder,
        _month(_months(home), month),
        purpose="家属看待遇告知书",
        where=request.path,
    )
    beside = told_beside(home.actor, home.elder)[:20]
    return benefit_letters.answer(told, request.build_absolute_uri("/"), beside)


@form("family", "elders/<int:elder_id>/benefits/<str:month>/<slug:policy>/")
def benefit_object(
    request: HttpRequest, _: Actor, elder_id: int, month: str, policy: str
) -> HttpResponse:
    """Say what is wrong: one choice, one button."""
    home = _home(request, elder_id)
    when = _month(_months(home), month)
    if posted(request):
        wanted = _asked(request, when, policy)
        made = raise_objection(home.actor, home.elder, wanted, where=request.path)
        words = "收到了。15 个工作日内由另一位工作人员答复您。"
        return done(request, words, "family:objection", made.pk)
    return _form(request, home, when, policy)


def _asked(request: HttpRequest, month: Month, policy: str) -> NewObjection:
    sent = request.POST
    key = key_of(sent)
    if sent.get("ground", "") not in set(Ground):
        raise Refused("请点一下哪里不对。", field="ground")
    return NewObjection(key, policy, month, Ground(sent["ground"]), sent.get("text", ""))


def _form(request: HttpRequest, home: Household, month: Month, policy: str) -> HttpResponse:
    error = refusal(request)
    told = explain(home.actor, home.elder, month, purpose="家属提异议", where=request.path)
    entry = told.of(policy)
    if entry is None:
        raise NotFound("这个月没有这一项待遇。")
    return page(
        request,
        "family/benefit_object.html",
        home,
        here="me",
        card=explaining.card(home.elder, entry, entry.then),
        month=month.text,
        month_words=month_words(month.text),
        grounds=Ground.choices(),
        ground=request.POST.get("ground", ""),
        text=request.POST.get("text", ""),
        errors=[{"field": "ground", "message": error.message}] if error else [],
    )


@door("family", "objections/<int:objection_id>/", FORM)
def objection(request: HttpRequest, actor: Actor, objection_id: int) -> HttpResponse:
    """What became of an objection; POST takes it back."""
    found = get(actor, objection_id)
    home = _home(request, found.elder_id)
    if request.method == "POST":
        withdraw(actor, found.pk)
        messages.success(request, "收回了。想再提随时可以。")
        month = urlencode({"month": found.month})
        return redirect(f"{reverse('family:benefits', args=[found.elder_id])}?{month}")
    note(request, home, ["name", "objections"], "家属看异议")
    return page(
        request,
        "family/objection.html",
        home,
        here="me",
        one=found,
        policy=explaining.policy_name(found.policy),
        month_words=month_words(found.month),
        ground=Ground(found.ground).words,
        then_words=explaining.result_words(found.then_result, found.then_fen),
        now_words=explaining.result_words(found.now_result, found.now_fen),
        effect=explaining.effect_words(found),
        waits=found.state in UNSETTLED,
        late=found.state in UNSETTLED and found.due_on < clock.today(),
        not_announced=working_days.doubt(found.due_on),
    )
