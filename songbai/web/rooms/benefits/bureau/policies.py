"""The policies that are law here, and the files that are not used because something is wrong."""

from songbai.domain.benefits.queries.policies import policies_in, set_aside
from songbai.web.frames.bureau.shell import page
from songbai.web.views import Actor, HttpRequest, HttpResponse, door


@door("bureau", "benefits/policies/")
def policies(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Everybody who sees benefits may see by which law."""
    rows = [(one, one.pay.words) for one in policies_in(actor)]
    return page(request, "policies", "cycles", rows=rows, aside=set_aside(actor))
