"""What benefits plug into the doors."""

from collections.abc import Iterable

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.regions.rules import DIGITS, Level
from songbai.domain.benefits.queries import month_credit, month_voucher
from songbai.domain.benefits.queries.credit import grants_of_person
from songbai.domain.benefits.queries.cycle_figures import waiting
from songbai.domain.benefits.queries.cycles import of_elder
from songbai.domain.benefits.queries.figures import granted_by_month, grants_of
from songbai.domain.benefits.queries.objections import to_answer
from songbai.domain.benefits.queries.payments import held, to_mend
from songbai.domain.benefits.queries.policies import set_aside
from songbai.domain.benefits.rules.cycle import State
from songbai.domain.benefits.rules.facts import yuan
from songbai.domain.benefits.rules.paying import PaymentState
from songbai.domain.benefits.rules.policy import Channel
from songbai.domain.elders.models import Elder, Proxy
from songbai.web.asked import months, next_month
from songbai.web.frames.bureau.cockpit import HISTORY_SECONDS, WEEKS, from_first, month_name
from songbai.web.frames.bureau.shell import kept, link, waits
from songbai.web.places import Place
from songbai.web.plugs import (
    CARE,
    Kpi,
    Link,
    Moment,
    Panel,
    Task,
    cards,
    links,
    moments,
    panels,
    tasks,
)
from songbai.web.rooms.elders.household import Household
from songbai.web.templatetags.songbai import month_words

#: So many benefits of a person are shown on their page.
SHOWN = 12


def _cycles(state: State) -> str:
    return link("cycles", state=state.value)


def _cycle_tasks(actor: Actor) -> list[Task]:
    """What the cycles wait for; always of the officer's whole scope. Raises NotAllowed."""
    work, states = waiting(actor)
    lines = [
        Task(
            ("decision", "to_verify"),
            f"{work.open:,} 条待遇要核对",
            work.open,
            "核对完才能确认、才能发钱",
            _cycles(State.IN_TOWNS),
        ),
        Task(
            ("cycle", State.IN_TOWNS),
            f"{work.towns:,} 份镇街名单没确认",
            work.towns,
            "看过新增、停发和金额再确认",
            _cycles(State.IN_TOWNS),
        ),
    ]
    if len(actor.region or "") <= DIGITS[Level.DISTRICT]:
        waits = ((State.NOTICED, "报给同事审批"), (State.APPROVED, "已批准，可以发放"))
        lines += [
            Task(
                ("cycle", state),
                f"{states[state]:,} 个批次{state.words}",
                states[state],
                why,
                _cycles(state),
            )
            for state, why in waits
        ]
    return lines


for order, entry in {
    180: Link(
        "bureau:cycles",
        "待遇发放",
        icon="coin-yuan",
        under=CARE,
        count=waits("cycles", lambda actor: sum(task.count for task in _cycle_tasks(actor))),
    ),
    190: Link(
        "bureau:failed_payments",
        "发放问题",
        icon="alert-circle",
        under=CARE,
        count=waits("to_mend", lambda actor: to_mend(actor).count() + held(actor).count()),
    ),
    200: Link("bureau:benefit_gap", "应享未享", icon="user-question", under=CARE),
    210: Link("bureau:what_if", "换个标准", icon="calculator", under=CARE),
    220: Link(
        "bureau:objections",
        "待遇异议",
        icon="gavel",
        under=CARE,
        count=waits("objections", lambda actor: to_answer(actor).count()),
    ),
    230: Link("bureau:credits", "额度发放", icon="receipt-yuan", under=CARE),
}.items():
    links["bureau"].at(order)(entry)
links["bureau elder"].at(10)(Link("bureau:elder_benefits", "待遇和原因"))
links["bureau elder"].at(20)(Link("bureau:elder_paying", "发放和追缴"))
links["bureau elder"].at(30)(Link("bureau:elder_counter", "窗口办理"))
links["portal"].at(30)(Link("portal:self_check", "查待遇"))


def _sees_money(proxy: Proxy) -> bool:
    return proxy.may_see_money


links["family elder"].at(10)(Link("family:benefits", "待遇", icon="coin-yuan", shown=_sees_money))


@tasks.at(60)
def _work(actor: Actor, region: str) -> list[Task]:  # noqa: ARG001  # of the whole scope
    count, held_count = to_mend(actor).count(), held(actor).count()
    kept_back = Task(
        ("payment", PaymentState.HELD),
        f"{held_count:,} 笔待遇先不发",
        held_count,
        "登记去世或离开本市的、账号是别人的，核对清楚再办",
        link("failed_payments", show="held"),
    )
    back = Task(
        ("payment", PaymentState.FAILED),
        f"{count:,} 笔待遇没有到账",
        count,
        "换账号、原账号再发一次，或者不再发放",
        link("failed_payments"),
    )
    aside = {problem.file for problem in set_aside(actor)}
    wrong = Task(
        ("policy", "aside"),
        f"{len(aside):,} 个政策文件没有采用",
        len(aside),
        "写得不对，里面的政策现在不执行",
        link("policies"),
    )
    return [*_cycle_tasks(actor), back, kept_back, wrong]


@cards.at(30)
def _credits(actor: Actor, place: Place, month: str) -> Kpi:
    def past() -> list[float]:
        given = granted_by_month(actor, place.prefix, months(WEEKS + 1)[:0:-1])
        return from_first([granted.fen / 100 for granted in given.values()])

    given = granted_by_month(actor, place.prefix, [month])[month]
    large = given.fen >= 1_000_000
    return Kpi(
        f"{month_name(month)}发放额度",
        f"{given.fen / 1_000_000:,.1f}" if large else f"{given.fen / 100:,.0f}",
        "万元" if large else "元",
        link("credits", region=place.prefix, month=month),
        given.back_words or f"{given.grants:,} 人在享受",
        history=(
            kept(actor, f"credits:{place.prefix}", HISTORY_SECONDS, past),
            "前几个月每月发放，元",
        ),
    )


@panels["bureau elder"].at(10)
def _decided(actor: Actor, elder: Elder) -> Panel:  # noqa: ARG001  # the page's own elder
    values = {"benefits": of_elder(elder.pk, elder.region_id)[:SHOWN]}
    return Panel("bureau/_benefits_of_elder.html", values, ("benefits",))


@panels["bureau elder"].at(30)
def _granted(actor: Actor, elder: Elder) -> Panel:
    values = {"grants": grants_of(actor, elder.pk)}
    return Panel("bureau/_credit_of_elder.html", values, ("benefits",))


@panels["family home"].at(30)
def _money(actor: Actor, home: Household) -> Panel | None:  # noqa: ARG001
    if not home.sees_money:
        return None
    month = clock.month_of(clock.now())
    values = {
        "credit": month_credit(home.elder, month),
        "coming": month_credit(home.elder, next_month()),
        "voucher": month_voucher(home.elder, month),
    }
    return Panel("family/_money.html", values, ("credit",))


@moments.at(20)
def _grants(actor: Actor, about: Elder) -> Iterable[Moment]:
    """Credits and vouchers of a month, and what of them was given back before it was over."""
    for one in grants_of_person(actor, about):
        what = f"{month_words(one.month)}{Channel(one.channel).words}"
        yield Moment(one.granted_at, f"发放{what} {yuan(one.amount)}", "系统")
        if one.lapsed_at:
            yield Moment(one.lapsed_at, f"{what}没用完的收回", "系统")
