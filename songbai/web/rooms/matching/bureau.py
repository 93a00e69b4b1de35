"""One person once: doubtful pairs, the decision side by side, merges and taking them back."""

from typing import Any

from songbai.core.errors import SongbaiError
from songbai.domain.elders.models import Elder
from songbai.domain.matching import actions, queries
from songbai.domain.matching.models import Candidate
from songbai.domain.matching.rules import Verdict
from songbai.web.asked import errors_of, wrong_in
from songbai.web.doors import FORM, door, form, posted, refusal
from songbai.web.frames.bureau import area, page, place_of, slice_of
from songbai.web.rooms.elders.forms import ShowPlainForm
from songbai.web.rooms.elders.looks import noted, plain_field
from songbai.web.views import Actor, HttpRequest, HttpResponse, Shown, done, redirect

from .pairs import compared, pair_row

_LOOKED_AT = ["name", "birth_date", "village", "masked_id_number", "masked_phone"]


@door("bureau", "matching/")
def matching(request: HttpRequest, actor: Actor) -> Shown:
    """Pairs that wait for a decision, the most likely first."""
    place, home = place_of(actor, request.GET.get("region", "")), place_of(actor)
    waiting = queries.open_candidates(actor, place.prefix)
    shown = slice_of(waiting.select_related("elder", "other", "region"), request)
    _note(request, [one for pair in shown.rows for one in _people(pair)], "核对是不是同一人")
    return {
        **area(place, home),
        "count": waiting.count(),
        "rows": [pair_row(pair) for pair in shown.rows],
        "shown": shown,
    }


@form("bureau", "matching/<int:candidate_id>/", status=422, mends=SongbaiError)
def candidate(request: HttpRequest, actor: Actor, candidate_id: int) -> HttpResponse:
    """A pair side by side; POST decides it."""
    pair = queries.candidate(actor, candidate_id)
    if posted(request):
        same = request.POST.get("verdict") == "same"
        verdict = Verdict.SAME if same else Verdict.DIFFERENT
        actions.decide(actor, pair, verdict, request.POST.get("reason", ""))
        return done(request, _done(pair, same=same), "bureau:matching")
    return _pair_page(request, pair, ShowPlainForm())


def _done(pair: Candidate, *, same: bool) -> str:
    if not same:
        return "已记下：不是同一人。两份档案各走各的，以后不再提示这一对。"
    if pair.other_id:
        return "已合并。两份档案以后当一个人看，合并记录里可以撤销。"
    return "已记下：是同一人。这一行以后都归到这位老人。"


@door("bureau", "matching/<int:candidate_id>/show/", FORM)
def candidate_show(request: HttpRequest, actor: Actor, candidate_id: int) -> HttpResponse:
    """One field of both records in full, for a stated purpose, on this answer only."""
    pair = queries.candidate(actor, candidate_id)
    if request.method != "POST":
        return redirect("bureau:candidate", candidate_id=candidate_id)
    form = ShowPlainForm(request.POST)
    shown = plain_field(request, form, _people(pair))
    return _pair_page(request, pair, form, shown)


@form("bureau", "matching/<int:candidate_id>/reopen/", status=422, mends=SongbaiError)
def candidate_reopen(request: HttpRequest, actor: Actor, candidate_id: int) -> HttpResponse:
    """Put a decided pair back on the list."""
    pair = queries.candidate(actor, candidate_id)
    if request.method != "POST":
        return redirect("bureau:candidate", candidate_id=candidate_id)
    if posted(request):
        actions.reopen(actor, pair, request.POST.get("reason", ""))
        return done(request, "已放回待判定。", "bureau:candidate", candidate_id)
    return _pair_page(request, pair, ShowPlainForm())


def _pair_page(
    request: HttpRequest,
    pair: Candidate,
    form: ShowPlainForm,
    shown: dict[str, Any] | None = None,
) -> HttpResponse:
    _note(request, _people(pair), "核对是不是同一人")
    problem = refusal(request)
    return page(
        request,
        "candidate",
        "matching",
        status=422 if form.errors else 200,
        pair=pair,
        row=pair_row(pair),
        lines=compared(pair),
        decisions=pair.decisions.order_by("id"),
        form=form,
        shown=shown,
        errors=[*wrong_in(form), *errors_of(problem)],
        reason=request.POST.get("reason", "") if problem else "",
    )


@door("bureau", "matching/merges/")
def merges(request: HttpRequest, actor: Actor) -> Shown:
    """What was merged, newest first, with who and why."""
    place = place_of(actor)
    shown = slice_of(queries.merges(actor), request)
    _note(
        request,
        [elder for made in shown.rows for elder in (made.elder, made.survivor)],
        "查看合并记录",
    )
    return {"place": place, "rows": shown.rows, "shown": shown}


@form("bureau", "matching/merges/<int:merge_id>/", status=422, mends=SongbaiError)
def merge(request: HttpRequest, actor: Actor, merge_id: int) -> Shown:
    """One merge with its reasons; POST takes it back."""
    made = queries.merge(actor, merge_id)
    if posted(request):
        actions.undo(actor, made.pk, request.POST.get("reason", ""))
        words = "已撤销。两份档案又是两个人，以后不会自动合并。"
        return done(request, words, "bureau:merge", made.pk)
    _note(request, [made.elder, made.survivor], "查看合并记录")
    return {"made": made, "lines": compared(made)}


def _people(pair: Candidate) -> list[Elder]:
    return [pair.elder] if pair.other is None else [pair.elder, pair.other]


def _note(request: HttpRequest, people: list[Elder], purpose: str) -> None:
    noted(request, people, purpose, *_LOOKED_AT)
