"""Another number to log in by: one's own by a code on the old, a relative's by two relatives."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from songbai.core.accounts.actions import send_code, use_code
from songbai.core.accounts.models import Account
from songbai.core.acting import Actor
from songbai.core.errors import FormError, NotFound, SongbaiError
from songbai.domain.elders.actions.numbers import change_own_number
from songbai.domain.elders.queries.figures import proxies_of
from songbai.web.asked import errors_of
from songbai.web.doors import FORM, door, private, source_of
from songbai.web.templatetags.songbai import mask_phone

from .. import numbers
from ..household import Household, household, note, page


@door("family", "number/", FORM, name="number")
def own_number(request: HttpRequest, actor: Actor) -> HttpResponse:
    """First a code to the old number, then the code and the new number."""
    home = household(request)
    phone = Account.objects.get(pk=actor.account).phone_number()
    asked, problem = False, None
    if request.method == "POST":
        asked = True
        try:
            if request.POST.get("act") == "code":
                send_code(phone, source_of(request))
            else:
                use_code(phone, request.POST.get("code", ""), source_of(request))
                change_own_number(actor, request.POST.get("phone", ""))
                messages.success(request, "换好了。下次用新号码登录，两个号码都会收到短信。")
                return redirect("family:me")
        except SongbaiError as error:
            problem = error
    return private(
        page(
            request,
            "family/number.html",
            home,
            here="me",
            status=409 if problem else 200,
            old=mask_phone(phone),
            asked=asked,
            typed=request.POST.get("phone", ""),
            errors=errors_of(problem),
        )
    )


@door("family", "elders/<int:elder_id>/relatives/<int:proxy_id>/number/", FORM)
def relative_number(request: HttpRequest, _: Actor, elder_id: int, proxy_id: int) -> HttpResponse:
    """A relative lost the old number: one relative asks, another agrees."""
    home = household(request, elder_id)
    if request.method != "POST":
        return _form(request, home, proxy_id)
    try:
        numbers.ask(request, home.actor, home.elder, proxy_id)
    except FormError as error:
        return _form(request, home, proxy_id, error)
    messages.success(request, "提交了。另一位家人或社区同意以后，就用新号码登录。")
    return redirect("family:relatives", elder_id)


def _form(
    request: HttpRequest, home: Household, proxy_id: int, error: SongbaiError | None = None
) -> HttpResponse:
    rows = {one.pk: one for one in proxies_of(home.elder)}
    if proxy_id not in rows:
        raise NotFound
    note(request, home, ["name", "proxies"], "家属替家人换手机号")
    return page(
        request,
        "family/relative_number.html",
        home,
        here="me",
        status=409 if error else 200,
        proxy=rows[proxy_id],
        typed={name: request.POST.get(name, "") for name in ("phone", "proof")},
        key=request.POST.get("idempotency_key") or str(uuid.uuid4()),
        errors=errors_of(error),
    )
