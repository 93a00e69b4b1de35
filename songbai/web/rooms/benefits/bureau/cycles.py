"""The benefit cycles: their list, and one of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from songbai.core import clock
from songbai.core.accounts.rules import Actor, Reach, may
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.rules import ProposalState
from songbai.core.errors import Refused
from songbai.core.found import found_in
from songbai.core.regions.queries import region
from songbai.core.regions.rules import DIGITS, Level, prefix
from songbai.domain.benefits.actions.cycles import confirm, notify, propose
from songbai.domain.benefits.actions.paying import start
from songbai.domain.benefits.declares import BENEFIT_CHECK, BENEFIT_PAY, BENEFIT_PROPOSE
from songbai.domain.benefits.models import Cycle, TownPart
from songbai.domain.benefits.queries.cycle_figures import (
    Work,
    counts,
    kept_back,
    open_by_town,
    parts_in,
    ruled_out,
    work_in,
)
from songbai.domain.benefits.queries.cycles import cycle, cycles_in, policy_of, towns_of
from songbai.domain.benefits.queries.figures import granted_under
from songbai.domain.benefits.queries.payments import batches_of, totals_of
from songbai.domain.benefits.rules.credit import too_late
from songbai.domain.benefits.rules.cycle import State
from songbai.domain.benefits.rules.paying import (
    BatchState,
    PaymentState,
)
from songbai.domain.benefits.rules.policy import SPENT, Channel, Policy
from songbai.web.frames.bureau import kept, link, page, page_of, place_of
from songbai.web.views import HttpRequest, HttpResponse, done, door, form, posted, whole_number
from songbai.web.words import Moment

from .cycle_lists import kinds_of
from .people_rows import changes_of, list_counts, list_url, outcome_tabs, ruled_figures

#: The steps as a person sees them, and the states that come to each.
STEPS: tuple[tuple[str, frozenset[State]], ...] = (
    ("冻结资料", frozenset({State.FROZEN})),
    ("自动核定", frozenset({State.DECIDED})),
    ("自动检查", frozenset({State.CHECKED, State.IN_TOWNS})),
    ("镇街核对", frozenset({State.NOTICED})),
    ("报批", frozenset({State.PROPOSED})),
    ("批准", frozenset({State.APPROVED})),
    ("开始发放", frozenset({State.PAYING})),
    ("办结", frozenset({State.CLOSED})),
)


ORDER = tuple(State)
#: A town's part, its name, how many questions are open, whether the reader may confirm, its list.
TownRow = tuple[TownPart, str, int, bool, str]


#: A cycle in the list; people, fen and changes of the scope; what waits, and what is to do now.
CycleRow = tuple[Cycle, tuple[int, int, int], Work, str]


def rows_of(
    cycles: Iterable[Cycle],
    work: Mapping[int, Work],
    parts: Mapping[int, tuple[int, int, int]] | None,
) -> list[CycleRow]:
    """Rows; ``parts`` are the figures of a town's scope, None where whole districts are seen."""
    rows = []
    for one in cycles:
        whole = (one.yes, one.fen, one.new + one.changed + one.stopped)
        sums = whole if parts is None else parts.get(one.pk, (0, 0, 0))
        waits = work.get(one.pk, Work())
        rows.append((one, sums, waits, next_words(one, waits, policy_of(one))))
    return rows


def next_words(cycle: Cycle, work: Work, policy: Policy) -> str:
    """What is to do now; of a closed cycle whether all of it arrived."""
    state, last = State(cycle.state), cycle.closed_at or clock.now()
    if cycle.yes and too_late(policy, cycle.month, last):
        return "来得太晚：当月已过，月底作废的不再给，以后的月份照常"
    if cycle.empty and state is State.CLOSED:
        return "没有人享受，也没有变化，自动办结"
    if state is State.IN_TOWNS:
        if work.open:
            return f"核对 {work.open:,} 条"
        if cycle.empty:
            return "没有镇街要确认：没有人享受，也没有变化。夜里自动办结，有要补发的除外"
        return f"等 {work.towns} 个镇街确认" if work.towns else "镇街都确认了，告知本人"
    if state is State.CLOSED and work.back:
        return f"{work.back:,} 笔被银行退回，还没有到账"
    return {
        State.FROZEN: "系统正在核定",
        State.DECIDED: "系统正在检查",
        State.CHECKED: "系统正在交给镇街",
        State.NOTICED: "报给同事审批",
        State.PROPOSED: "等另一位同事审批",
        State.APPROVED: "可以发放",
        State.PAYING: "等发放结果",
        State.CLOSED: _CLOSED.get(policy.pay, "钱都发完了"),
    }[state]


#: What is done of money that does not go to an account.
_CLOSED = {
    Channel.CREDIT: "额度都给了",
    Channel.VOUCHER: "电子券都给了",
    Channel.INSURANCE: "由长护险结算，不从这里发",
}


def steps_of(cycle: Cycle) -> list[Moment]:
    """The steps of a cycle, in order: done (with when and by whom), the one now, or to come."""
    noted = {State(step.state): step for step in cycle.steps.order_by("id")}
    reached = ORDER.index(State(cycle.state))
    found: list[Moment] = []
    for words, states in STEPS:
        last = max(states, key=ORDER.index)
        done = ORDER.index(last) <= reached
        step = noted.get(last)
        now = not done and (not found or found[-1].state == "done")
        found.append(
            Moment(
                step.at if step and done else None,
                words,
                (step.by_name or "系统") if step and done else "",
                "done" if done else "now" if now else "todo",
            )
        )
    return found


def town_name(code: str) -> str:
    """巴川街道; the district's name for people whose town is not known."""
    name = region(code).name
    return name if code[DIGITS[Level.DISTRICT] :] != "000000" else f"{name}（没有分到镇街）"


def proposal_of(cycle: Cycle) -> Proposal | None:
    """The proposal to pay it."""
    return Proposal.objects.filter(pk=cycle.proposal_id).first() if cycle.proposal_id else None


#: Figures of frozen files do not change; they are kept this long.
FROZEN_SECONDS = 600


@door("bureau", "benefits/")
def cycles(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Cycles of the scope, latest month first: where each stands and what is to do now."""
    found = cycles_in(actor).select_related("region")
    months = list(found.order_by("-month").values_list("month", flat=True).distinct())
    month, state = request.GET.get("month", ""), request.GET.get("state", "")
    if month in months:
        found = found.filter(month=month)
    if state in [*State]:
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
        states=State.choices(),
        state=state,
        rows=rows,
        shown=shown,
    )


@form("bureau", "benefits/<int:cycle_id>/", name="cycle")
def cycle_page(request: HttpRequest, actor: Actor, cycle_id: int) -> HttpResponse:
    """One cycle; POST does what the pressed button says."""
    found = cycle(actor, cycle_id)
    if posted(request):
        return done(request, _do(actor, found, request.POST), "bureau:cycle", cycle_id)
    return _show(request, actor, found)


def _do(actor: Actor, found: Cycle, given: Any) -> str:
    """One act of the district's office; says what was done."""
    act = given.get("act", "")
    if act == "notify":
        return f"写好了 {notify(actor, found):,} 份告知。"
    if act == "propose":
        propose(actor, found, given.get("why", "").strip())
        return "报上去了，要另一位同事审批。"
    if act == "pay":
        start(actor, found)
        return "开始发放，系统会做好文件交给银行。"
    if act == "confirm":
        part = found_in(towns_of(actor, found).filter(pk=whole_number(given.get("part", ""))))
        return f"{town_name(confirm(actor, part.pk).region_id)}确认了。"
    raise Refused("请按页面上的按钮办。")


def _show(request: HttpRequest, actor: Actor, found: Cycle) -> HttpResponse:
    policy = policy_of(found)
    towns = list(towns_of(actor, found))
    opened = open_by_town(actor, found)
    told = counts(actor, found)
    rows = [
        (one, town_name(one.region_id), opened.get(prefix(one.region_id, Level.TOWN), 0),
         may(actor, BENEFIT_CHECK, Reach(one.region_id)),
         list_url(found, "yes", prefix(one.region_id, Level.TOWN)))
        for one in towns
    ]  # fmt: skip
    ruled = kept(
        actor, f"ruled:{found.pk}:{found.state == State.FROZEN}", FROZEN_SECONDS,
        lambda: ruled_out(actor, found),
    )  # fmt: skip
    asked = proposal_of(found)
    return page(
        request,
        "cycle",
        "cycles",
        one=found,
        policy=policy,
        channel=policy.pay.words,
        state=State(found.state).words,
        next=next_words(found, work_in(actor, [found]).get(found.pk, Work()), policy),
        steps=steps_of(found),
        counts=told,
        tabs=outcome_tabs(found, list_counts(told), "", ""),
        ruled=ruled,
        why=ruled_figures(found, ruled, "") if ruled else [],
        changes=changes_of(found, told, ""),
        kept_back=kept_back(actor, found),
        kinds=kinds_of(actor, found),
        towns=rows,
        mine=_one_to_confirm(found, rows),
        unconfirmed=sum(1 for one in towns if one.confirmed_at is None),
        history=[(one, State(one.state).words) for one in found.steps.order_by("id")],
        proposal=asked,
        refused=bool(asked and asked.state not in {ProposalState.OPEN, ProposalState.APPROVED}),
        payments=_payments(actor, found),
        each=_each(found, policy),
        batches=[
            (one, BatchState(one.state).words) for one in batches_of(actor, found)
        ],
        may_pay=may(actor, BENEFIT_PAY, Reach(found.region_id)),
        may_propose=may(actor, BENEFIT_PROPOSE, Reach(found.region_id)),
    )  # fmt: skip


def _one_to_confirm(found: Cycle, rows: Sequence[TownRow]) -> TownRow | None:
    """The one town somebody has to confirm, when it is the only one shown and nothing is open."""
    if len(rows) != 1 or found.state != State.IN_TOWNS:
        return None
    part, _, waiting, can, _ = rows[0]
    return rows[0] if can and not waiting and part.confirmed_at is None else None


def _each(found: Cycle, policy: Policy) -> str:
    """Where every payment or credit is listed; "" for vouchers."""
    if policy.pay is Channel.CREDIT:
        return link("credits", month=found.month)
    return "" if policy.pay in SPENT else link("cycle_payments", found.pk)


def _payments(actor: Actor, found: Cycle) -> list[tuple[str, int, int]]:
    """Payments by state: words, people, fen; the whole last. Empty while there are none."""
    policy = policy_of(found)
    if policy.pay in SPENT:
        given = granted_under(actor, policy, found.month, found.region_id[:6])
        back = [("其中已收回", given.back, given.back_fen)] if given.back else []
        return [*back, ("给了", given.grants, given.fen)] if given.grants else []
    told = totals_of(actor, found)
    rows = [
        (state.words, told.by_state[state].people, told.by_state[state].fen)
        for state in PaymentState
        if state in told.by_state
    ]
    return [*rows, ("合计", told.all.people, told.all.fen)] if rows else []
