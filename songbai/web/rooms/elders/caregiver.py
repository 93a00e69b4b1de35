"""What a caregiver found to be wrong in the record of somebody she visits."""

from songbai.core.errors import FormError, NotFound
from songbai.domain.elders.queries import get, reach_of
from songbai.web.rooms.elders.looks import noted
from songbai.web.views import Actor, HttpRequest, Shown, done, form, posted

from . import correcting


@form("caregiver", "elders/<int:elder_id>/correction/", mends=FormError)
def correction(request: HttpRequest, actor: Actor, elder_id: int) -> Shown:
    """Ask for a correction; only one's own requests are shown."""
    elder = get(actor, elder_id)
    if actor.account not in reach_of(elder).accounts:
        raise NotFound  # the day of the visit is over: only her own record is still hers
    if posted(request):
        correcting.ask(request, actor, elder)
        words = "交上去了。社区核对以后，这里会写明结果。"
        return done(request, words, "caregiver:correction", elder_id)
    noted(request, [elder], "护理员提更正", "name", "corrections")
    values = correcting.values(request, actor, elder)
    return {"elder": elder, "here": "day", **values}
