"""A clerk asks for a correction; another one decides."""

from songbai.core.errors import FormError
from songbai.domain.elders.queries import get, village_words
from songbai.domain.elders.rules import mask_name
from songbai.web.frames.bureau.shell import page
from songbai.web.rooms.elders.looks import noted
from songbai.web.views import Actor, HttpRequest, HttpResponse, done, form, posted, refusal

from .. import correcting


@form("bureau", "elders/<int:elder_id>/correction/", mends=FormError)
def correction(request: HttpRequest, actor: Actor, elder_id: int) -> HttpResponse:
    """What is wrong in a record, what is right, on what proof."""
    elder = get(actor, elder_id)
    if posted(request):
        proposal = correcting.ask(request, actor, elder)
        return done(request, "提交了。另一位同事核对后生效。", "bureau:proposal", proposal.pk)
    noted(request, [elder], "提更正", "name", "corrections")
    return page(
        request,
        "correction",
        "elders",
        elder=elder,
        name=mask_name(elder.name),
        village=village_words(elder),
        **correcting.values(request, actor, elder, refusal(request)),
    )
