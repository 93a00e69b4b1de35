"""From what is needed to a placed order."""

from datetime import timedelta

from django.contrib import messages

from songbai.core import clock
from songbai.core.errors import FormError
from songbai.domain.benefits.queries import month_credit
from songbai.domain.catalogue.models import Offer
from songbai.domain.catalogue.queries import NotOffered, orderable
from songbai.domain.catalogue.queries import offer as any_offer
from songbai.domain.dispatch.queries.trials import NotReady, easy_windows
from songbai.domain.elders.queries import home_of
from songbai.domain.orders.actions import NewOrder, place
from songbai.domain.orders.errors import Died
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import purses
from songbai.domain.orders.rules import FARTHEST, split_price
from songbai.domain.providers.queries import nearest_medical
from songbai.web.asked import errors_of, whole_number
from songbai.web.rooms.elders.household import Household, household, page
from songbai.web.views import FORM, Actor, HttpRequest, HttpResponse, door, redirect, render

from ..forms import OrderForm, first_day, is_ahead, month_of_date, new_order_values, slots_asked


@door("family", "order/", FORM)
def order_new(request: HttpRequest, _: Actor) -> HttpResponse:
    """Choose a day and a time, see who pays what, place the order."""
    if request.method == "POST":
        return _place(request)
    home = household(request)
    chosen = request.GET.get("offer", "")
    if not whole_number(chosen):
        return redirect("family:services")
    try:
        offer = orderable(whole_number(chosen), home.elder.region_id)
    except FormError as error:
        messages.error(request, error.message)
        return redirect("family:services")
    if home.elder.died_on:
        values = {"offer": offer, "errors": errors_of(Died())}
        return page(request, "family/order_dead.html", home, here="services", status=409, **values)
    day = request.GET.get("date", "")
    form = OrderForm(initial=new_order_values(offer.pk, home.elder.pk, day))
    timed = _timed(home, offer, day) if day else None
    return _form(request, home, offer, form, str(form.initial["date"]), timed=timed)


def _place(request: HttpRequest) -> HttpResponse:
    home = household(request, request.POST.get("elder", "0"))
    sent = request.POST.get("offer", "")
    offer = any_offer(whole_number(sent))
    form = OrderForm(request.POST)
    if form.is_valid():
        try:
            order = _order(home, offer, form)
        except FormError as error:
            form.refuse(error)
        else:
            messages.success(request, "下单了。我们正在安排人，安排好了这里会显示。")
            return redirect("family:order", order.pk)
    return _form(request, home, offer, form, request.POST.get("date", ""), status=409)


def _order(home: Household, offer: Offer, form: OrderForm) -> Order:
    start, end = form.window()
    new = NewOrder(
        key=form.cleaned_data["idempotency_key"],
        elder=home.elder,
        offer_ids=[offer.pk],
        window_start=start,
        window_end=end,
        note=form.cleaned_data["note"],
        expected_own=form.cleaned_data["expected_own"],
        destination=form.cleaned_data["destination"],
        again=form.cleaned_data["again"],
    )
    return place(home.actor, new)


def _form(
    request: HttpRequest,
    home: Household,
    offer: Offer,
    form: OrderForm,
    day: str,
    status: int = 200,
    timed: dict[str, object] | None = None,
) -> HttpResponse:
    return page(
        request,
        "family/order_new.html",
        home,
        here="services",
        status=status,
        form=form,
        errors=form.listed() if form.is_bound else [],
        changed=form.changed,
        first_day=first_day(),
        last_day=clock.today() + FARTHEST - timedelta(days=1),
        destinations=nearest_medical(home_of(home.elder)) if offer.item.goes_out else [],
        **form.asked,
        **_quoted(home, offer, day),
        **{"open": slots_asked(day), "far": is_ahead(day), **(timed or {})},
    )


def _quoted(home: Household, offer: Offer, day: str) -> dict[str, object]:
    month = month_of_date(day)
    if not home.sees_money:
        return {"offer": offer, "split": None}
    held = purses(home.elder, month)
    split = split_price([(offer.item_id, offer.price)], held)
    return {
        "offer": offer,
        "split": split,
        "credit": month_credit(home.elder, month),
        "purses": [purse.after(split) for purse in held if purse.payer.bounded],
    }


@door("family", "order/quote/")
def quote(request: HttpRequest, _: Actor) -> HttpResponse:
    """The price split of an offer on a day and its times, fetched again when the day changes."""
    home = household(request)
    chosen, day = request.GET.get("offer", ""), request.GET.get("date", "")
    offer = any_offer(whole_number(chosen))
    values = {**_quoted(home, offer, day), **_times(home, offer, day)}
    return render(request, "family/_day.html", {"household": home, "marks": True, **values})


@door("family", "order/times/")
def times(request: HttpRequest, _: Actor) -> HttpResponse:
    """Which times of a day suit the provider; asked for when the page is there."""
    home = household(request)
    chosen, day = request.GET.get("offer", ""), request.GET.get("date", "")
    values = _times(home, any_offer(whole_number(chosen)), day)
    return render(request, "family/_times.html", {"marks": True, **values})


def _times(home: Household, offer: Offer, day: str) -> dict[str, object]:
    try:
        return _timed(home, orderable(offer.pk, home.elder.region_id), day)
    except NotOffered:  # the form says it when the order is placed
        return {"open": {}, "far": is_ahead(day)}


def _timed(home: Household, offer: Offer, day: str) -> dict[str, object]:
    """The slots of a day that suit; ``easy`` None where nothing is known, ``again``: not yet."""
    slots = slots_asked(day)
    far = is_ahead(day)
    over = {"open": slots, "over": not slots and day == str(clock.today()), "far": far}
    try:
        suits = easy_windows(home.actor, home.elder, offer, list(slots.values()))
    except NotReady:
        return {"easy": None, "again": True, **over}
    easy = None if suits is None else [name for name, yes in zip(slots, suits, strict=True) if yes]
    every = easy is not None and len(easy) == len(slots) > 1
    words = "、".join(f"{name.replace('-', '–')} 点" for name in easy or ())
    return {"easy": easy, "every": every, "words": words, **over}
