"""A caller has another number: who acts for the elder, and asking that two officers change it."""

from songbai.core.errors import FormError
from songbai.domain.elders.queries import get
from songbai.domain.elders.queries.figures import proxies_of
from songbai.web.doors import form, posted
from songbai.web.rooms.elders.looks import noted
from songbai.web.views import Actor, HttpRequest, Shown, done, whole_number

from . import numbers


@form("desk", "elders/<int:elder_id>/number/", name="number", mends=FormError)
def number(request: HttpRequest, actor: Actor, elder_id: int) -> Shown:
    """What the caller says is written down; the community looks at the proof and decides."""
    elder = get(actor, elder_id)
    if posted(request):
        numbers.ask(request, actor, elder, whole_number(request.POST.get("proxy", "")))
        words = "记下了。社区核对同意以后换号，新旧两个号码都会收到短信。"
        return done(request, words, "desk:number", elder_id)
    noted(request, [elder], "电话里说换了手机号", "name", "age", "village", "proxies")
    return {"here": "order_new", "elder": elder, "proxies": proxies_of(elder)}
