"""Elders: the register behind the counts, and one masked record."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from songbai.core.accounts.rules import Actor
from songbai.domain.benefits.queries.figures import grants_of
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import (
    PlainFields,
    age,
    get,
    note_read,
    show_plain,
    village_words,
)
from songbai.domain.elders.queries.figures import heads
from songbai.domain.elders.queries.lists import living_in, masked, proxies_of
from songbai.domain.elders.rules import mask_name, tags
from songbai.domain.orders.queries import of_elder
from songbai.domain.visits.queries.lists import orders_by_id
from songbai.web.doors import door, signed_in

from ..forms import FIELDS, ShowPlainForm
from ..shell import page, place_of, slice_of
from ..words import row_of, village_of


@door("bureau")
def elders(request: HttpRequest) -> HttpResponse:
    """Masked elders of a place, 60 or 80 and more, by village and name."""
    actor = signed_in(request)
    place, home = place_of(actor, request.GET.get("region", "")), place_of(actor)
    old = request.GET.get("age") == "80"
    alone = request.GET.get("alone") == "1"
    name = request.GET.get("name", "").strip()[:20]
    rows = living_in(actor, place.prefix, min_age=80 if old else 60, alone=alone, name=name)
    shown = slice_of(rows, request)
    note_read(
        actor,
        shown.rows,
        fields=["name", "age", "village"],
        purpose="查看老人名册",
        where=request.path,
    )
    return page(
        request,
        "elders",
        "elders",
        place=place,
        home=home,
        divisions=home.divisions(),
        old=old,
        alone=alone,
        name=name,
        heads=heads(actor, place.prefix),
        rows=[(elder, mask_name(elder.name), age(elder), *_facts(elder)) for elder in shown.rows],
        shown=shown,
    )


def _facts(elder: Elder) -> tuple[str, list[str]]:
    return village_of(elder.region_id), tags(elder.hardship, elder.living, elder.ability_level)


@door("bureau")
def elder(request: HttpRequest, elder_id: int) -> HttpResponse:
    """One masked record; one field in full for a stated purpose, on that answer only."""
    actor = signed_in(request)
    found = get(actor, elder_id)
    form = ShowPlainForm(request.POST or None)
    shown = _shown(request, actor, found, form) if request.method == "POST" else None
    note_read(
        actor,
        [found],
        fields=["name", "age", "village", "masked_id_number", "masked_phone", "proxies", "orders"],
        purpose="查看老人档案",
        where=request.path,
    )
    response = page(
        request,
        "elder",
        "elders",
        status=422 if form.is_bound and not form.is_valid() else 200,
        elder=found,
        name=mask_name(found.name),
        age=age(found),
        village=village_words(found),
        tags=tags(found.hardship, found.living, found.ability_level),
        masked=masked(found),
        proxies=[(proxy, mask_name(proxy.account.name)) for proxy in proxies_of(found)],
        grants=grants_of(actor, found.pk),
        rows=[
            row_of(o)
            for o in orders_by_id(
                actor, list(of_elder(actor, found).values_list("pk", flat=True)[:20])
            )
        ],
        form=form,
        shown=shown,
        errors=[
            {"field": form[name].id_for_label, "message": problems[0]}
            for name, problems in form.errors.items()
        ],
    )
    response["Cache-Control"] = "no-store"
    return response


def _shown(
    request: HttpRequest, actor: Actor, found: Elder, form: ShowPlainForm
) -> dict[str, str] | None:
    """The field asked for in full, logged with its purpose; None when the form is wrong."""
    if not form.is_valid():
        return None
    asked = form.cleaned_data
    plain: PlainFields = show_plain(
        actor,
        found,
        fields=[asked["field"]],
        purpose=f"{asked['purpose']}：{asked['why']}"[:60],
        where=request.path,
    )
    value: str = getattr(plain, asked["field"])
    return {"label": dict(FIELDS)[asked["field"]], "value": value or "没有登记"}
