"""A second body's word on an assessment that was drawn: it stands, or items are in doubt."""

from songbai.core.errors import FormError, NotFound, Refused
from songbai.domain.assessments.actions import review as say
from songbai.domain.assessments.models import Review
from songbai.domain.assessments.queries import answers_of, instrument_of, story
from songbai.domain.assessments.queries.lists import reviews_for
from songbai.web.rooms.elders.looks import noted
from songbai.web.views import Actor, HttpRequest, HttpResponse, done, form, posted, render

from ..assessing import answer_blocks, explained
from ..cards import MASKED, REVIEWING, masked

DONE = {"1": "复核好了：同意这个结果。", "0": "复核好了：有疑问，退回两位评估员重评。"}


@form("assessor", "reviews/<int:review_id>/", mends=FormError)
def review(request: HttpRequest, actor: Actor, review_id: int) -> HttpResponse:
    """Both sheets, the result with its reasons; agree, or name what is in doubt."""
    asked = _asked(actor, review_id)
    agrees = request.POST.get("agrees", "")
    if posted(request):
        if agrees not in DONE:
            raise Refused("请按“同意”或“有疑问”。")
        doubted = () if agrees == "1" else tuple(request.POST.getlist("doubted"))
        note = request.POST.get("note", "")
        say(actor, asked.assessment_id, agrees=agrees == "1", doubted=doubted, note=note)
        return done(request, DONE[agrees], "assessor:day")
    return _show(request, actor, asked)


def _asked(actor: Actor, review_id: int) -> Review:
    found = next((one for one in reviews_for(actor) if one.pk == review_id), None)
    if found is None:
        raise NotFound
    return found


def _show(request: HttpRequest, actor: Actor, asked: Review) -> HttpResponse:
    told = story(actor, asked.assessment_id)
    found = told.assessment
    noted(request, [found.elder], REVIEWING, *MASKED)
    instrument = instrument_of(found)
    values = {
        "a": found,
        "asked": asked,
        "who": masked(found.elder),
        "instrument": instrument,
        "result": explained(found),
        "sheets": told.sheets,
        "blocks": answer_blocks(instrument, told.sheets, answers_of(found), told.differences),
        "doubted": request.POST.getlist("doubted"),
        "note": request.POST.get("note", ""),
        "here": "day",
    }
    return render(request, "assessor/review.html", values)
