"""Care plans on a page: lines with what can be chosen, the coming week, what a button does.

The same in the family's and the desk's door; the bureau's only reads.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from songbai.core.accounts.rules import Actor
from songbai.core.errors import Refused
from songbai.core.events.queries import history
from songbai.domain.assessments.rules.needs import Frequency
from songbai.domain.careplans import actions
from songbai.domain.careplans.actions import Wish
from songbai.domain.careplans.models import CarePlan, CarePlanLine
from songbai.domain.careplans.queries import lines_of, offers_for, week_of
from songbai.domain.careplans.rules import MOST, PER_WORDS, PlanState, often
from songbai.domain.catalogue.models import Offer
from songbai.web.asked import list_asked, whole_number
from songbai.web.rooms.elders.looks import noted
from songbai.web.views import HttpRequest
from songbai.web.words import moments

Sent = Mapping[str, str]
#: The lists of an office or a desk, in the order in which they are worked off.
LISTS = {PlanState.DRAFT: "待商定", PlanState.AGREED: "已商定", PlanState.ENDED: "已停用"}


def chosen_list(asked: str, numbers: Mapping[PlanState, int]) -> PlanState:
    """The list named in an address, else the first with plans in it."""
    return list_asked(asked, {one: numbers.get(one, 0) for one in LISTS})


def note(request: HttpRequest, found: Iterable[CarePlan], purpose: str) -> None:
    """Leave the trace of showing these plans at an office or a desk."""
    noted(request, [plan.elder for plan in found], purpose, "name", "age", "village", "care_plan")


@dataclass(frozen=True)
class LineRow:
    """One line with what was typed about it, and who else could do it."""

    line: CarePlanLine
    wish: Wish
    offers: list[Offer]

    @property
    def often(self) -> str:
        """每周 2 次."""
        return often(self.line.frequency)

    @property
    def suggested(self) -> str:
        """What the assessment suggested where somebody changed it; else empty."""
        first = self.line.suggested
        return often(first) if first and first != self.line.frequency else ""

    @property
    def because(self) -> str:
        """All reasons in one sentence."""
        return "；".join(self.line.because)


def shown(plan: CarePlan, sent: Sent | None = None) -> dict[str, Any]:
    """What a page shows of a plan that came from a scoped query; ``sent`` is what was refused."""
    lines = lines_of(plan)
    offers = offers_for(plan, [line.item_id for line in lines])
    typed = wishes(lines, sent) if sent else {}
    rows = [
        LineRow(line, typed.get(line.pk) or _wish(line), offers.get(line.item_id, []))
        for line in lines
    ]
    ended = plan.state == PlanState.ENDED
    week = None if ended else week_of(plan)
    return {
        "plan": plan,
        "rows": rows,
        "kept": [row for row in rows if row.line.kept],
        "left_out": [row for row in rows if not row.line.kept],
        "week": week,
        "pers": [(per, PER_WORDS[per]) for per in MOST],
        "moments": moments(history("careplan", plan.pk)),
    }


def _wish(line: CarePlanLine) -> Wish:
    return Wish(line.times, line.per, line.offer_id, line.kept)


def wishes(lines: Iterable[CarePlanLine], sent: Sent) -> dict[int, Wish]:
    """What a form says about the lines it showed; lines it did not show stay as they are."""
    return {
        line.pk: Wish(
            times=whole_number(sent.get(f"times-{line.pk}", "")),
            per=sent.get(f"per-{line.pk}", ""),
            offer=whole_number(sent.get(f"offer-{line.pk}", "")) or None,
            kept=sent.get(f"kept-{line.pk}") == "1",
        )
        for line in lines
        if f"times-{line.pk}" in sent
    }


def do(actor: Actor, plan: CarePlan, sent: Sent) -> tuple[CarePlan, str]:
    """Do what the pressed button says: the plan to show next, and what to tell.

    Raises what the actions raise.
    """
    known = _ACTS.get(sent.get("act", ""))
    if known is None:
        raise Refused("请按页面上的按钮办理。")
    return known(actor, plan, sent)


def _save(actor: Actor, plan: CarePlan, sent: Sent) -> tuple[CarePlan, str]:
    version = whole_number(sent.get("version", ""))
    return actions.change(actor, plan.pk, version, wishes(lines_of(plan), sent)), "存好了。"


def _agree(actor: Actor, plan: CarePlan, sent: Sent) -> tuple[CarePlan, str]:
    version = whole_number(sent.get("version", ""))
    done = actions.agree(actor, plan.pk, version, wishes(lines_of(plan), sent))
    return done, "说好了。下面是接下来 7 天的安排，看好了再订。"


def _add(actor: Actor, plan: CarePlan, sent: Sent) -> tuple[CarePlan, str]:
    version, item = whole_number(sent.get("version", "")), sent.get("item", "")
    line = actions.add(actor, plan.pk, version, item, Frequency(times=1, per="week"))
    return plan, f"加上了{line.item.plain}，先按每周 1 次，可以改。"


def _order(actor: Actor, plan: CarePlan, sent: Sent) -> tuple[CarePlan, str]:
    own = sent.get("expected_own", "")
    again = sent.get("again") == "1"
    orders = actions.order_week(actor, plan.pk, whole_number(own) if own else None, again=again)
    return plan, f"订了 {len(orders)} 次上门，正在安排人。"


def _revise(actor: Actor, plan: CarePlan, _: Sent) -> tuple[CarePlan, str]:
    return actions.revise(actor, plan.pk), "这是新的一份，改好再同意。同意以前，原来的照用。"


def _end(actor: Actor, plan: CarePlan, sent: Sent) -> tuple[CarePlan, str]:
    return actions.end(actor, plan.pk, sent.get("reason", "")), "停用了。已经订好的上门不受影响。"


_ACTS: dict[str, Callable[[Actor, CarePlan, Sent], tuple[CarePlan, str]]] = {
    "save": _save,
    "agree": _agree,
    "add": _add,
    "order": _order,
    "revise": _revise,
    "end": _end,
}
