"""Something in the record is wrong: asking for a correction, and what was taken back."""

from songbai.core.errors import FormError
from songbai.domain.elders.queries.withdrawn import withdrawal, withdrawals
from songbai.web.doors import door
from songbai.web.rooms.elders.household import household, note
from songbai.web.views import Actor, HttpRequest, HttpResponse, Shown, done, form, posted

from .. import correcting, withdrawn


@form("family", "elders/<int:elder_id>/corrections/", mends=FormError, menu="me")
def corrections(request: HttpRequest, _: Actor, elder_id: int) -> Shown:
    """Choose what is wrong, write what is right, and see earlier requests with their answers."""
    home = household(request, elder_id)
    if posted(request):
        correcting.ask(request, home.actor, home.elder)
        words = "交上去了。社区核对以后，这里会写明结果。"
        return done(request, words, "family:corrections", elder_id)
    note(request, home, ["name", "corrections"], "家属看更正申请")
    return {"household": home, **correcting.values(request, home.actor, home.elder)}


@door("family", "elders/<int:elder_id>/withdrawn/", name="withdrawn", menu="me")
def taken_back(request: HttpRequest, _: Actor, elder_id: int) -> Shown:
    """Everything that was taken back, with its letters."""
    home = household(request, elder_id)
    note(request, home, ["name", "withdrawn"], "家属看撤回的登记")
    rows = [(one, withdrawn.told(one)) for one in withdrawals(home.actor, home.elder)]
    return {"household": home, "rows": rows}


@door("family", "elders/<int:elder_id>/withdrawn/<int:gone_id>/letter/", name="withdrawn_letter")
def letter(request: HttpRequest, _: Actor, elder_id: int, gone_id: int) -> HttpResponse:
    """The letter about one of them."""
    home = household(request, elder_id)
    found = withdrawal(home.actor, home.elder, gone_id)
    note(request, home, ["name", "withdrawn"], "家属看更正告知书")
    return withdrawn.letter(home.elder, found)
