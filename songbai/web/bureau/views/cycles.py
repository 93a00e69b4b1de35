"""The benefit cycles: their list, one of them, the people behind its figures, its work list."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from songbai.core.accounts.rules import Act, Actor, Reach, may
from songbai.core.approvals.rules import ProposalState
from songbai.core.errors import NotAllowed, NotFound, Refused, SongbaiError
from songbai.core.regions.rules import DIGITS, Level, prefix
from songbai.domain.benefits.actions.cycles import confirm, notify, propose, settle
from songbai.domain.benefits.actions.paying import start
from songbai.domain.benefits.models import Cycle
from songbai.domain.benefits.queries.cycle_figures import (
    Work,
    counts,
    kept_back,
    open_by_town,
    parts_in,
    people,
    ruled_out,
    ruled_out_people,
    work_in,
)
from songbai.domain.benefits.queries.cycles import (
    cycle,
    cycles_in,
    exceptions_of,
    policy_of,
    towns_of,
)
from songbai.domain.benefits.queries.payments import batches_of, totals_of
from songbai.domain.benefits.rules.cycle import (
    EXCEPTION_STATE_WORDS,
    EXCEPTION_WORDS,
    STATE_WORDS,
    ExceptionKind,
    ExceptionState,
    State,
)
from songbai.domain.benefits.rules.paying import (
    BATCH_WORDS,
    PAYMENT_WORDS,
    BatchState,
    PaymentState,
)
from songbai.domain.benefits.rules.policy import CHANNEL_WORDS
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import note_read
from songbai.web.doors import door, signed_in

from ..cycles import (
    LISTS,
    cause_words,
    changes_of,
    exception_rows,
    list_url,
    next_words,
    outcome_tabs,
    people_rows,
    proposal_of,
    rows_of,
    ruled_figures,
    ruled_rows,
    steps_of,
    town_name,
)
from ..shell import (
    MOST_PAGES,
    PER_PAGE,
    Place,
    Slice,
    kept,
    page,
    page_of,
    place_of,
    slice_of,
    whole_number,
)

#: Figures of frozen files do not change; they are kept this long.
FROZEN_SECONDS = 600


@door("bureau")
@require_safe
def cycles(request: HttpRequest) -> HttpResponse:
    """Cycles of the scope, latest month first: where each stands and what is to do now."""
    actor = signed_in(request)
    found = cycles_in(actor).select_related("region")
    months = list(found.order_by("-month").values_list("month", flat=True).distinct())
    month, state = request.GET.get("month", ""), request.GET.get("state", "")
    if month in months:
        found = found.filter(month=month)
    if state in STATE_WORDS:
        found = found.filter(state=state)
    shown = page_of(found, request)
    whole = len(actor.region or "") <= DIGITS[Level.DISTRICT]
    rows = rows_of(shown, work_in(actor, shown), None if whole else parts_in(actor, shown))
    return page(
        request,
        "cycles",
        "cycles",
        place=place_of(actor),
        whole=whole,
        months=months,
        month=month,
        states=[(one.value, words) for one, words in STATE_WORDS.items()],
        state=state,
        rows=rows,
        shown=shown,
    )


@door("bureau")
@require_http_methods(["GET", "HEAD", "POST"])
def cycle_page(request: HttpRequest, cycle_id: int) -> HttpResponse:
    """One cycle; POST does what the pressed button says."""
    actor = signed_in(request)
    found = cycle(actor, cycle_id)
    if request.method != "POST":
        return _show(request, actor, found)
    try:
        messages.success(request, _do(actor, found, request.POST))
    except (NotFound, NotAllowed):
        raise
    except SongbaiError as error:
        return _show(request, actor, cycle(actor, cycle_id), error)
    return redirect("bureau:cycle", cycle_id)


def _do(actor: Actor, found: Cycle, sent: Any) -> str:
    """One act of the district's office; says what was done."""
    act = sent.get("act", "")
    if act == "notify":
        return f"写好了 {notify(actor, found):,} 份告知。"
    if act == "propose":
        propose(actor, found, sent.get("why", "").strip())
        return "报上去了，要另一位同事审批。"
    if act == "pay":
        start(actor, found)
        return "开始发放，系统会做好文件交给银行。"
    if act == "confirm":
        part = towns_of(actor, found).filter(pk=whole_number(sent.get("part", ""))).first()
        if part is None:
            raise NotFound
        return f"{town_name(confirm(actor, part.pk).region_id)}确认了。"
    raise Refused("请按页面上的按钮办。")


def _show(
    request: HttpRequest, actor: Actor, found: Cycle, error: SongbaiError | None = None
) -> HttpResponse:
    policy = policy_of(found)
    towns = list(towns_of(actor, found))
    opened = open_by_town(actor, found)
    told = counts(actor, found)
    ruled = kept(
        actor, f"ruled:{found.pk}:{found.state == State.FROZEN}", FROZEN_SECONDS,
        lambda: ruled_out(actor, found),
    )  # fmt: skip
    asked = proposal_of(found)
    return page(
        request,
        "cycle",
        "cycles",
        status=409 if error else 200,
        one=found,
        policy=policy,
        channel=CHANNEL_WORDS[policy.pay],
        state=STATE_WORDS[State(found.state)],
        next=next_words(found, work_in(actor, [found]).get(found.pk, Work())),
        steps=steps_of(found),
        counts=told,
        tabs=outcome_tabs(found, told, "", ""),
        ruled=ruled,
        why=ruled_figures(found, ruled, "") if ruled else [],
        changes=changes_of(found, told, ""),
        kept_back=kept_back(actor, found),
        kinds=_kinds(actor, found),
        towns=[
            (one, town_name(one.region_id), opened.get(prefix(one.region_id, Level.TOWN), 0),
             may(actor, Act.BENEFIT_CHECK, Reach(one.region_id)),
             list_url(found, "yes", prefix(one.region_id, Level.TOWN)))
            for one in towns
        ],
        unconfirmed=sum(1 for one in towns if one.confirmed_at is None),
        history=[(one, STATE_WORDS[State(one.state)]) for one in found.steps.order_by("id")],
        proposal=asked,
        refused=bool(asked and asked.state not in {ProposalState.OPEN, ProposalState.APPROVED}),
        payments=_payments(actor, found),
        batches=[
            (one, BATCH_WORDS[BatchState(one.state)]) for one in batches_of(actor, found)
        ],
        may_pay=may(actor, Act.BENEFIT_PAY, Reach(found.region_id)),
        may_propose=may(actor, Act.BENEFIT_PROPOSE, Reach(found.region_id)),
        errors=[{"field": error.field or "", "message": error.message}] if error else [],
    )  # fmt: skip


def _payments(actor: Actor, found: Cycle) -> list[tuple[str, int, int]]:
    """Payments by state: words, people, fen; the whole last. Empty while there are none."""
    told = totals_of(actor, found)
    rows = [
        (PAYMENT_WORDS[state], told.by_state[state].people, told.by_state[state].fen)
        for state in PaymentState
        if state in told.by_state
    ]
    return [*rows, ("合计", told.all.people, told.all.fen)] if rows else []


def _kinds(actor: Actor, found: Cycle) -> list[tuple[str, str, int, int]]:
    """Exceptions by kind: key, words, open, all."""
    rows = list(exceptions_of(actor, found).order_by().values_list("kind", "state"))
    kinds = dict.fromkeys(kind for kind, _ in sorted(rows))
    return [
        (
            kind,
            EXCEPTION_WORDS[ExceptionKind(kind)],
            sum(1 for k, state in rows if k == kind and state == ExceptionState.OPEN),
            sum(1 for k, _ in rows if k == kind),
        )
        for kind in kinds
    ]


@door("bureau")
@require_safe
def cycle_people(request: HttpRequest, cycle_id: int) -> HttpResponse:
    """The people behind a figure of a cycle."""
    actor = signed_in(request)
    found = cycle(actor, cycle_id)
    policy = policy_of(found)
    place = place_of(actor, request.GET.get("region", "") or _widest(actor, found))
    show, cause = request.GET.get("show", "yes"), request.GET.get("cause", "")[:30]
    told = counts(actor, found, place.prefix)
    criterion = next((c for c in policy.criteria if show == f"no-{c.id}"), None)
    if criterion is not None:
        heading = f"最先卡在：{criterion.if_no}"
        shown, elders = _ruled(request, actor, found, criterion.id, place)
        rows = ruled_rows(elders, criterion.if_no)
    else:
        show = show if show in LISTS else "yes"
        words, outcome, change = LISTS[show]
        heading = f"{words}：{cause_words(cause)}" if cause else words
        listed = people(
            actor, found, place=place.prefix, outcome=outcome, change=change, cause=cause
        )
        shown = slice_of(listed, request)
        elders = [row.elder for row in shown.rows]
        rows = people_rows(shown.rows, policy)
    note_read(
        actor, elders, fields=["name", "age", "village", "benefits"], purpose="查看待遇批次名单",
        where=request.path,
    )  # fmt: skip
    return page(
        request,
        "cycle_people",
        "cycles",
        one=found,
        policy=policy,
        place=place,
        home=place_of(actor, _widest(actor, found)),
        divisions=place_of(actor, _widest(actor, found)).divisions(),
        show=show,
        cause=cause,
        heading=heading,
        tabs=outcome_tabs(found, told, show, request.GET.get("region", "")),
        rows=rows,
        shown=shown,
    )


def _widest(actor: Actor, found: Cycle) -> str:
    """The smaller of the scope and the cycle's district."""
    scope, district = actor.region or "", found.region_id[: DIGITS[Level.DISTRICT]]
    return scope if len(scope) > len(district) else district


def _ruled(
    request: HttpRequest, actor: Actor, found: Cycle, criterion: str, place: Place
) -> tuple[Slice, list[Elder]]:
    """A page of people whom a criterion is the first to rule out."""
    number = min(max(whole_number(request.GET.get("page", "")), 1), MOST_PAGES)
    start = (number - 1) * PER_PAGE
    elders = ruled_out_people(actor, found, criterion, place.prefix, start, PER_PAGE + 1)
    more = len(elders) > PER_PAGE and number < MOST_PAGES
    return Slice([], number, more), elders[:PER_PAGE]


@door("bureau")
@require_safe
def cycle_exceptions(request: HttpRequest, cycle_id: int) -> HttpResponse:
    """The work list of a cycle: what must be looked at before money goes out."""
    actor = signed_in(request)
    return _exceptions(request, actor, cycle(actor, cycle_id))


@door("bureau")
@require_POST
def exception_settle(request: HttpRequest, cycle_id: int, exception_id: int) -> HttpResponse:
    """Pay as decided, or not in this cycle; with the reason."""
    actor = signed_in(request)
    found = cycle(actor, cycle_id)
    if not exceptions_of(actor, found).filter(pk=exception_id).exists():
        raise NotFound
    said, reason = request.POST.get("pay", ""), request.POST.get("reason", "")
    try:
        if said not in {"yes", "no"}:
            raise Refused("请选“照发”或“本批不发”。")
        settle(actor, exception_id, pay=said == "yes", reason=reason)
    except (NotFound, NotAllowed):
        raise
    except SongbaiError as error:
        return _exceptions(request, actor, found, error, exception_id, reason)
    messages.success(request, "记下了。")
    back = redirect("bureau:cycle_exceptions", cycle_id)
    if query := request.GET.urlencode():
        back["Location"] += f"?{query}"
    return back


def _exceptions(
    request: HttpRequest,
    actor: Actor,
    found: Cycle,
    error: SongbaiError | None = None,
    wrong: int = 0,
    reason: str = "",
) -> HttpResponse:
    state, kind = request.GET.get("state", "open"), request.GET.get("kind", "")
    listed = exceptions_of(actor, found)
    if state in EXCEPTION_STATE_WORDS:
        listed = listed.filter(state=state)
    if kind in EXCEPTION_WORDS:
        listed = listed.filter(kind=kind)
    shown = slice_of(listed, request)
    note_read(
        actor, [row.elder for row in shown.rows], fields=["name", "age", "village", "benefits"],
        purpose="核对待遇批次", where=request.path,
    )  # fmt: skip
    return page(
        request,
        "cycle_exceptions",
        "cycles",
        status=422 if error else 200,
        one=found,
        policy=policy_of(found),
        state=state,
        kind=kind,
        states=[(s.value, words) for s, words in EXCEPTION_STATE_WORDS.items()],
        kinds=_kinds(actor, found),
        rows=exception_rows(actor, found, shown.rows),
        shown=shown,
        wrong=wrong,
        reason=reason,
        errors=[{"field": f"reason-{wrong}", "message": error.message}] if error else [],
    )
