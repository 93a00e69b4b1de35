"""Credits given: who got the credit of a month."""

from songbai.domain.benefits.queries.figures import granted_by_month, grants_in
from songbai.web.asked import month_asked, months_of_money
from songbai.web.frames.bureau import area, page, page_of, place_of
from songbai.web.rooms.elders.looks import noted
from songbai.web.views import Actor, HttpRequest, HttpResponse, door


@door("bureau", "credits/", name="credits")
def credits_given(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Who got the credit of a month, in what group, and how much."""
    place, home = place_of(actor, request.GET.get("region", "")), place_of(actor)
    month = month_asked(request, ahead=True)
    rows = grants_in(actor, place.prefix, month).select_related("elder").order_by("region_id", "id")
    shown = page_of(rows, request)
    noted(
        request,
        [grant.elder for grant in shown.object_list],
        "查看额度发放名单",
        "name",
        "age",
        "village",
    )
    return page(
        request,
        "credits",
        "credits",
        **area(place, home),
        month=month,
        months=months_of_money(month),
        given=granted_by_month(actor, place.prefix, [month])[month],
        rows=shown.object_list,
        shown=shown,
    )
