"""An order taken on the phone: find the elder, find the service, agree a time."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.contrib import messages

from songbai.core import clock
from songbai.core.errors import NotFound, Refused
from songbai.domain.catalogue.models import Offer
from songbai.domain.catalogue.queries import offer, offers
from songbai.domain.dispatch.queries.trials import Slot, slots
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import get, home_of, search, show_plain
from songbai.domain.orders.actions import place
from songbai.domain.orders.errors import LikeOrder, OrderedOtherwise
from songbai.domain.orders.queries import quotes
from songbai.domain.orders.rules import FARTHEST, FIRST_HOUR, LAST_HOUR, Share, Split, columns
from songbai.domain.providers.queries import medical_place, nearest_medical
from songbai.web.asked import day_asked, whole_number
from songbai.web.rooms.elders.looks import noted
from songbai.web.rooms.orders.words import screen_of
from songbai.web.templatetags.songbai import mask_phone
from songbai.web.views import FORM, Actor, HttpRequest, HttpResponse, Shown, door, redirect, render

from .forms import PhoneOrderForm, asked_of, first_day, half_hours, tomorrow

MOST_OFFERS = 30
#: A window offered on the phone, and how many are shown.
WINDOW, MOST_SLOTS = timedelta(hours=1), 6


@door("desk", "orders/new/", FORM)
def order_new(request: HttpRequest, actor: Actor) -> Shown:
    """Order for an elder who is on the phone."""
    wanted = whole_number(request.GET.get("elder", ""))
    if not wanted:
        return render(request, "desk/order_new.html", _found(request, actor))
    elder = get(actor, wanted)
    if elder.died_on:
        return _dead(request, elder)
    if request.method == "POST":
        return _placed(request, actor, elder)
    return _asked(request, actor, elder)


def _dead(request: HttpRequest, elder: Elder) -> HttpResponse:
    """No form for who was registered as dead: the caller is told, and what to do if it is wrong."""
    values = {"here": "order_new", "elder": elder, "dead": True}
    return render(request, "desk/order_new.html", values, status=409)


@door("desk", "orders/slots/", name="slots")
def slots_for(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Which windows of a day are cheap for us, for one elder and one service."""
    elder = get(actor, whole_number(request.GET.get("elder", "")))
    day = day_asked(request, "day")
    windows = [
        (begin, begin + WINDOW)
        for hour in range(FIRST_HOUR, LAST_HOUR)
        for minute in (0, 30)
        if (begin := clock.at(day, hour, minute)) > clock.now()
        and begin + WINDOW <= clock.at(day, LAST_HOUR)
    ]
    chosen = whole_number(request.GET.get("offer", ""))
    if "offer" not in request.GET:
        return render(request, "desk/_slots.html", {"wrong": "先选一项服务，再看哪些时间顺路。"})
    try:
        wanted = offer(chosen)
        going = whole_number(request.GET.get("destination", ""))
        out = medical_place(going) if going and wanted.item.goes_out else None
        found = slots(actor, elder, wanted, windows, out) if windows else []
    except (NotFound, Refused) as error:
        return render(request, "desk/_slots.html", {"wrong": error.message})
    return render(request, "desk/_slots.html", {"slots": _best(found)})


def _best(found: list[Slot]) -> list[tuple[Slot, bool]]:
    """The cheapest windows by time, and whether each is on somebody's way.

    Those where nobody can come are shown only when there are no others.
    """
    able = sorted((s for s in found if s.extra is not None), key=lambda s: (s.extra or 0, s.begin))
    cheap = (able[0].extra or 0) + 1 if able else 0
    differ = bool(able) and (able[-1].extra or 0) > cheap
    shown = sorted(able[:MOST_SLOTS] or found[:MOST_SLOTS], key=lambda s: s.begin)
    return [(s, differ and s.extra is not None and s.extra < cheap) for s in shown]


def _found(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    words = request.GET.get("q", "").strip()[:20]
    people = search(actor, words)
    noted(request, people, "电话下单，找老人", "name", "age", "village")
    return {"here": "order_new", "words": words, "people": people, "limit": 20}


def _asked(
    request: HttpRequest, actor: Actor, elder: Elder, errors: dict[str, str] | None = None
) -> dict[str, Any]:
    typed = request.POST or request.GET
    words = request.GET.get("service", "").strip()[:20]
    day = day_asked(request, "day") if typed.get("day") else tomorrow()
    found = offers(words=words, town=elder.region_id).filter(item__at_home=True)
    shown = list(found[: MOST_OFFERS + 1])
    plain = show_plain(
        actor, elder, fields=["phone"], purpose="电话下单，核对是不是本人", where=request.path
    )
    return {
        "here": "order_new",
        "elder": elder,
        "phone": mask_phone(plain.phone),
        "service": words,
        "day": day,
        "first_day": first_day(),
        "last_day": clock.today() + FARTHEST,
        "offers": _priced(elder, shown[:MOST_OFFERS], day),
        "more": len(shown) > MOST_OFFERS,
        "destinations": nearest_medical(home_of(elder)) if _goes_out(shown) else [],
        "hours": half_hours(day),
        "typed": {**_hours(day), **typed.dict()},
        "key": typed.get("idempotency_key") or str(uuid4()),
        "field_errors": errors or {},
        "errors": [{"field": f"f-{field}", "message": m} for field, m in (errors or {}).items()],
    }


def _hours(day: date) -> dict[str, str]:
    """The window a fresh form shows: nine to eleven, or the two hours from now on."""
    left = [value for value, _ in half_hours(day) if value >= "09:00"]
    return {"begin": left[0], "end": left[min(4, len(left) - 1)]}


def _goes_out(found: list[Offer]) -> bool:
    """Whether a destination must be offered to choose from."""
    return any(offer.item.goes_out for offer in found)


def _priced(elder: Elder, found: list[Offer], day: date) -> list[tuple[Offer, Split, list[Share]]]:
    """Offers, how the price of each would be split for this elder, what each payer would pay."""
    splits = quotes(elder, [[(offer.item_id, offer.price)] for offer in found], clock.month_of(day))
    return [(one, split, columns(split.shares)) for one, split in zip(found, splits, strict=True)]


def _placed(request: HttpRequest, actor: Actor, elder: Elder) -> HttpResponse:
    form = PhoneOrderForm(request.POST)
    errors = {field: str(found[0]) for field, found in form.errors.items()}
    if not errors:
        own = request.POST.get(f"own_{form.cleaned_data['offer']}", "")
        try:
            order = place(actor, form.order(elder, whole_number(own) if own else None))
        except LikeOrder as asks:
            shown = {**_asked(request, actor, elder), **asked_of(asks)}
            if isinstance(asks, OrderedOtherwise):
                shown |= {"changed": True, "key": str(uuid4())}
            return render(request, "desk/order_new.html", shown, status=409)
        except Refused as error:
            errors = {_FIELDS.get(error.field or "", error.field or "offer"): error.message}
        else:
            messages.success(request, f"下好单了，编号 {order.number}。现在可以派人。")
            return redirect(screen_of(order))
    shown = _asked(request, actor, elder, errors)
    return render(request, "desk/order_new.html", shown, status=422)


#: Where an action's field stands on this page.
_FIELDS = {"window": "begin", "expected_own": "offer"}
