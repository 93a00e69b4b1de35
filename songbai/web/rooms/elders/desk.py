"""A caller has another number: who acts for the elder, and asking that two officers change it."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from songbai.core.acting import Actor
from songbai.core.errors import FormError, SongbaiError
from songbai.domain.elders.queries import get, village_words
from songbai.domain.elders.queries.figures import proxies_of
from songbai.domain.elders.rules import mask_name
from songbai.web.asked import errors_of, whole_number
from songbai.web.doors import FORM, door
from songbai.web.rooms.elders.looks import noted
from songbai.web.rooms.elders.words import who
from songbai.web.templatetags.songbai import mask_phone

from . import numbers


@door("desk", "elders/<int:elder_id>/number/", FORM, name="number")
def number(request: HttpRequest, actor: Actor, elder_id: int) -> HttpResponse:
    """What the caller says is written down; the community looks at the proof and decides."""
    elder = get(actor, elder_id)
    problem: SongbaiError | None = None
    if request.method == "POST":
        try:
            numbers.ask(request, actor, elder, whole_number(request.POST.get("proxy", "")))
        except FormError as error:
            problem = error
        else:
            messages.success(request, "记下了。社区核对同意以后换号，新旧两个号码都会收到短信。")
            return redirect("desk:number", elder_id)
    noted(request, [elder], "电话里说换了手机号", "name", "age", "village", "proxies")
    values = {
        "here": "order_new",
        "elder": elder,
        "who": who(elder),
        "village": village_words(elder),
        "rows": [
            (one, mask_name(one.account.name), mask_phone(one.account.phone_number()))
            for one in proxies_of(elder)
        ],
        "typed": {name: request.POST.get(name, "") for name in ("proxy", "phone", "proof")},
        "key": request.POST.get("idempotency_key") or str(uuid.uuid4()),
        "errors": errors_of(problem),
    }
    return render(request, "desk/number.html", values, status=409 if problem else 200)
