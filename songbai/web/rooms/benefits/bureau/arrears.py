"""Money of past months that goes out with the next list."""

from django.http import HttpRequest, HttpResponse

from songbai.core.accounts.rules import Actor
from songbai.domain.benefits.queries.corrections import arrears_in
from songbai.web.doors import door
from songbai.web.frames.bureau.shell import page, slice_of
from songbai.web.rooms.elders.looks import noted

from .correcting_rows import arrears_rows
from .paying import parts_of, policies_in


@door("bureau", "benefits/arrears/")
def arrears(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Arrears no payment carries yet, the oldest month first."""
    policy = request.GET.get("policy", "")[:40]
    shown = slice_of(arrears_in(actor, policy), request)
    noted(request, [row.elder for row in shown.rows], "查看补发", "name", "age", "village", "money")
    return page(
        request,
        "arrears",
        "failed_payments",
        parts=parts_of("arrears"),
        policy=policy,
        policies=policies_in(arrears_in(actor)),
        rows=arrears_rows(shown.rows),
        shown=shown,
    )
