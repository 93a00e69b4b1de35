"""Something in the record is wrong: ask for a correction, see what became of it."""

from songbai.core.errors import FormError
from songbai.web.rooms.elders.household import household, note, page
from songbai.web.views import Actor, HttpRequest, HttpResponse, done, form, posted, refusal

from .. import correcting


@form("family", "elders/<int:elder_id>/corrections/", mends=FormError)
def corrections(request: HttpRequest, _: Actor, elder_id: int) -> HttpResponse:
    """Choose what is wrong, write what is right, and see earlier requests with their answers."""
    home = household(request, elder_id)
    if posted(request):
        correcting.ask(request, home.actor, home.elder)
        words = "交上去了。社区核对以后，这里会写明结果。"
        return done(request, words, "family:corrections", elder_id)
    note(request, home, ["name", "corrections"], "家属看更正申请")
    return page(
        request,
        "family/corrections.html",
        home,
        here="me",
        **correcting.values(request, home.actor, home.elder, refusal(request)),
    )
