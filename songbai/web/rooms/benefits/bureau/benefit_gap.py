"""The take-up gap: by policy, by town, over the months, down to the persons."""

from typing import Any

from songbai.domain.benefits.models import Cycle
from songbai.domain.benefits.queries.cycles import cycle, cycles_in, policy_of
from songbai.domain.benefits.queries.gap import (
    Gap,
    gap_by_part,
    gap_of,
    kept_back,
    missing,
    total,
    unsure,
    wrong,
)
from songbai.domain.benefits.rules.cycle import State
from songbai.web.frames.bureau.shell import WORK_SECONDS, kept, link, page
from songbai.web.places import place_of
from songbai.web.rooms.elders.looks import people_slice
from songbai.web.views import Actor, HttpRequest, HttpResponse, door, whole_number

from .people_rows import people_rows

#: The lists of people: their words and whose they are.
LISTS: dict[str, tuple[str, Any]] = {
    "missing": ("该领没领到", missing),
    "wrong": ("在发放名单上但不符合", wrong),
    "unsure": ("还不能判断", unsure),
}
#: So many cycles of a policy are drawn.
MONTHS = 12


@door("bureau", "benefits/gap/", name="benefit_gap")
def gap(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every policy of a month; one of them by town and over the months."""
    decided = cycles_in(actor).exclude(state=State.FROZEN).select_related("region")
    months = list(decided.order_by("-month").values_list("month", flat=True).distinct())
    if not months:
        return page(request, "benefit_gap", "benefit_gap", months=[])
    asked = request.GET.get("month", "")
    month = asked if asked in months else months[0]
    rows = [(one, policy_of(one).name, _gap(actor, one)) for one in decided.filter(month=month)]
    rows.sort(key=lambda row: -(row[2].missing_left + row[2].wrong_left))
    number = whole_number(request.GET.get("cycle", ""))
    chosen = next((one for one, _, _ in rows if one.pk == number), rows[0][0])
    past = _past(actor, chosen)
    return page(
        request,
        "benefit_gap",
        "benefit_gap",
        place=place_of(actor),
        months=months,
        month=month,
        rows=rows,
        whole=total(found for _, _, found in rows),
        chosen=chosen,
        policy=policy_of(chosen),
        parts=_parts(actor, chosen),
        part_sum=_gap(actor, chosen),
        past=past,
        drawing={
            "months": [one.month for one, _ in past],
            "missing_found": [found.missing_found for _, found in past],
            "missing_left": [found.missing_left for _, found in past],
            "wrong_found": [found.wrong_found for _, found in past],
            "wrong_left": [found.wrong_left for _, found in past],
        },
    )


def _gap(actor: Actor, one: Cycle) -> Gap:
    return kept(actor, f"gap:{one.pk}", WORK_SECONDS, lambda: gap_of(actor, one))


def _past(actor: Actor, chosen: Cycle) -> list[tuple[Cycle, Gap]]:
    """The cycles of the same policy and district up to the chosen one, the oldest first."""
    rows = cycles_in(actor).filter(
        policy=chosen.policy, region=chosen.region_id, month__lte=chosen.month
    )
    latest = list(rows.exclude(state=State.FROZEN).order_by("-month")[:MONTHS])
    return [(one, _gap(actor, one)) for one in reversed(latest)]


def _parts(actor: Actor, chosen: Cycle) -> list[tuple[str, str, Gap]]:
    """Name, code prefix and gap of each part of the scope inside the cycle's district."""
    scope = actor.region or ""
    home = place_of(actor, scope if len(scope) > 6 else chosen.region_id)
    found = gap_by_part(actor, chosen, home.digits)
    names = {part.code[: home.digits]: part.name for part in home.divisions()}
    return [
        (names.get(code, "没有分到下一级"), code if code in names else "", one)
        for code, one in found.items()
    ]


@door("bureau", "benefits/<int:cycle_id>/gap/", name="benefit_gap_people")
def gap_people(request: HttpRequest, actor: Actor, cycle_id: int) -> HttpResponse:
    """The persons behind a figure of the gap."""
    one = cycle(actor, cycle_id)
    show = request.GET.get("show", "")
    words, listed = LISTS[show] if show in LISTS else LISTS["missing"]
    place = place_of(actor, request.GET["region"]) if request.GET.get("region") else None
    found = listed(actor, one, place.prefix if place else "")
    shown = people_slice(request, found, "查看应享未享名单", "name", "age", "village", "benefits")
    policy = policy_of(one)
    return page(
        request,
        "benefit_gap_people",
        "benefit_gap",
        one=one,
        policy=policy,
        place=place or place_of(actor),
        heading=words,
        back=link("benefit_gap", month=one.month, cycle=one.pk),
        rows=people_rows(shown.rows, policy, kept_back(one, shown.rows)),
        shown=shown,
    )
