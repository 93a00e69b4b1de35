"""Another number to log in by: one's own by a code on the old, a relative's by two relatives."""

from songbai.core.accounts.actions import send_code, use_code
from songbai.core.accounts.models import Account
from songbai.core.accounts.numbers import check_free
from songbai.core.approvals.queries import get as get_proposal
from songbai.core.errors import FormError, NotFound, SongbaiError
from songbai.domain.elders.actions.numbers import change_own_number, refuse_number
from songbai.domain.elders.queries.figures import proxies_of
from songbai.web.asked import tried
from songbai.web.doors import POST, source_of
from songbai.web.templatetags.songbai import mask_phone
from songbai.web.views import Actor, HttpRequest, HttpResponse, Shown, done, door, form, posted

from .. import numbers
from ..household import household, note


@form("family", "number/", name="number", mends=SongbaiError, menu="me")
def own_number(request: HttpRequest, actor: Actor) -> Shown:
    """First a code to the old number, then the code and the new number."""
    home = household(request)
    phone = Account.objects.get(pk=actor.account).phone_number()
    if posted(request) and request.POST.get("act") != "code":
        new, source = request.POST.get("phone", ""), source_of(request)
        check_free(actor.account, new, source)
        use_code(phone, request.POST.get("code", ""), source)
        change_own_number(actor, new)
        words = "换好了。下次用新号码登录，两个号码都会收到短信。"
        return done(request, words, "family:me")
    if posted(request):
        send_code(phone, source_of(request))
    asked = request.method == "POST"
    old = mask_phone(phone)
    return {"household": home, "old": old, "asked": asked}


@form(
    "family", "elders/<int:elder_id>/relatives/<int:proxy_id>/number/", mends=FormError, menu="me"
)
def relative_number(request: HttpRequest, _: Actor, elder_id: int, proxy_id: int) -> Shown:
    """A relative lost the old number: one relative asks, another agrees."""
    home = household(request, elder_id)
    if posted(request):
        numbers.ask(request, home.actor, home.elder, proxy_id)
        words = "提交了。原来的号码会收到短信。另一位家人或社区同意，3 天里没人反对，就换新号码。"
        return done(request, words, "family:relatives", elder_id)
    rows = {one.pk: one for one in proxies_of(home.elder)}
    if proxy_id not in rows:
        raise NotFound
    note(request, home, ["name", "proxies"], "家属替家人换手机号")
    return {"household": home, "proxy": rows[proxy_id]}


@door("family", "number/<int:proposal_id>/refuse/", POST)
def number_refuse(request: HttpRequest, actor: Actor, proposal_id: int) -> HttpResponse:
    """Who holds the old number says no, at one press."""

    get_proposal(actor, proposal_id)

    def act() -> str:
        refuse_number(actor, proposal_id)
        return "记下了，不换号。还用现在的号码登录。"

    return tried(request, act, "family:home")
