"""One person's benefits: every policy explained, the letter, and what a counter or village does."""

from typing import Any

from songbai.core import clock
from songbai.core.errors import NotFound, Refused
from songbai.domain.benefits.actions import GivenNotice, NewObjection, note_given, raise_objection
from songbai.domain.benefits.actions.informing import WAYS
from songbai.domain.benefits.queries.explain import explain, is_listed
from songbai.domain.benefits.queries.objections import notices_given, of_elder
from songbai.domain.benefits.queries.payments import payments_of_elder, told_beside
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.objection import Ground
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import age, get, village_words
from songbai.domain.elders.queries.figures import masked
from songbai.domain.elders.rules import mask_name
from songbai.domain.elders.rules.corrections import OFFICE, correctable
from songbai.web.asked import done, key_of, month_asked, months, next_month
from songbai.web.frames.bureau.shell import link, page
from songbai.web.templatetags.songbai import month_words
from songbai.web.views import Actor, HttpRequest, HttpResponse, door, form, posted, private

from .. import explaining
from .. import letters as benefit_letters
from .. import trail as benefit_trail

#: So far back a month may be chosen from the list; any other month by its address.
SHOWN_MONTHS = 24


@door("bureau", "elders/<int:elder_id>/benefits/")
def elder_benefits(request: HttpRequest, actor: Actor, elder_id: int) -> HttpResponse:
    """Every policy of a month: as known then, or with ``?known=now`` as known today."""
    elder = get(actor, elder_id)
    month, now = _asked(request, actor), request.GET.get("known") == "now"
    told = explain(actor, elder, month, purpose="查看待遇核定", where=request.path)
    cards = explaining.cards_of(told, now=now)
    objections = list(of_elder(actor, elder.pk))
    return _page(
        request,
        "elder_benefits",
        elder,
        month,
        masked=masked(elder),
        told=told,
        now=now,
        cards=cards,
        changed=[entry for entry in told.entries if entry.changed],
        ran=any(entry.cycle for entry in told.entries),
        moments=len({card.known for card in cards}),
        total=explaining.by_month(cards),
        says=[one.decision.notice() for one in cards if one.yes or one.decision.receiving],
        trail=benefit_trail.trail_of(
            told, objections, notices_given(actor, elder.pk), payments_of_elder(actor, elder)
        ),
        objections=[(one, explaining.effect_words(one)) for one in objections],
    )


@door("bureau", "elders/<int:elder_id>/benefits/<str:month>/letter/")
def elder_letter(request: HttpRequest, actor: Actor, elder_id: int, month: str) -> HttpResponse:
    """The letter of a month as PDF, for whoever has no phone."""
    elder = get(actor, elder_id)
    told = explain(actor, elder, _month(month), purpose="打印待遇告知书", where=request.path)
    beside = told_beside(actor, elder)[:20]
    return benefit_letters.answer(told, request.build_absolute_uri("/"), beside)


@form("bureau", "elders/<int:elder_id>/counter/")
def elder_counter(request: HttpRequest, actor: Actor, elder_id: int) -> HttpResponse:
    """For a person without a phone: what they bring, an objection, and that they were told."""
    elder = get(actor, elder_id)
    month = _asked(request, actor)
    here = link("elder_counter", elder.pk, month=month.text)
    if posted(request) and request.POST.get("act") == "told":
        note_given(actor, elder, _given(request, month))
        return done(request, "记下了：已经告诉。", here)
    if posted(request):
        raise_objection(actor, elder, _objection(request, month), where=request.path)
        return done(request, "异议登记了，15 个工作日内由另一位同事答复。", here)
    told = explain(actor, elder, month, purpose="窗口办理待遇", where=request.path)
    cards = explaining.cards_of(told)
    may_ask = set(correctable(OFFICE))
    return _page(
        request,
        "elder_counter",
        elder,
        month,
        cards=cards,
        missing=[
            (name, link("correction", elder.pk, kind=kind) if kind in may_ask else "")
            for kind, name in explaining.missing_kinds(cards)
        ],
        grounds=Ground.choices(),
        ways=WAYS,
        beside=benefit_letters.nameless(told_beside(actor, elder)[:5]),
        notices=[(one, WAYS[one.way]) for one in notices_given(actor, elder.pk)[:10]],
        objections=[(o, explaining.effect_words(o)) for o in of_elder(actor, elder.pk)[:10]],
    )


def _asked(request: HttpRequest, actor: Actor) -> Month:
    """The month asked for: one that has begun, or one that has a list before it begins."""
    wanted = request.POST.get("month") or request.GET.get("month", "")
    ahead = wanted == next_month() and is_listed(actor, wanted)
    return Month(month_asked(request, ahead=ahead))


def _page(
    request: HttpRequest, name: str, elder: Elder, month: Month, **values: Any
) -> HttpResponse:
    """Draw a page about one elder and month that no cache keeps."""
    return private(
        page(
            request,
            name,
            "elders",
            elder=elder,
            name=mask_name(elder.name),
            sex="女" if elder.sex == "f" else "男",
            age=age(elder),
            village=village_words(elder),
            month=month.text,
            month_words=month_words(month.text),
            months=months(SHOWN_MONTHS),
            **values,
        )
    )


def _month(text: str) -> Month:
    """A month of an address that has begun. Raises NotFound."""
    try:
        month = Month.parse(text)
    except ValueError as error:
        raise NotFound("没有这个月份。") from error
    if month.first_day > clock.today():
        raise NotFound("这个月还没有到。")
    return month


def _given(request: HttpRequest, month: Month) -> GivenNotice:
    sent = request.POST
    return GivenNotice(key_of(request.POST), month, sent.get("way", ""), sent.get("listener", ""))


def _objection(request: HttpRequest, month: Month) -> NewObjection:
    sent = request.POST
    if sent.get("ground", "") not in set(Ground):
        raise Refused("请选哪里不对。", field="ground")
    if not sent.get("policy"):
        raise Refused("请选对哪一项待遇有异议。", field="policy")
    return NewObjection(
        key_of(request.POST),
        sent["policy"],
        month,
        Ground(sent["ground"]),
        sent.get("text", ""),
        sent.get("voiced_by", ""),
    )
