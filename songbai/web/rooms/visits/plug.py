"""What visits plug into the doors."""

from songbai.core.accounts.rules import Actor
from songbai.domain.visits.queries import at_doors, figures, open_reports
from songbai.domain.visits.queries.lists import Show
from songbai.domain.visits.rules import Doubt
from songbai.web.frames.bureau import Place, link
from songbai.web.frames.bureau.cockpit import by_week, month_name, weekly
from songbai.web.plugs import (
    Column,
    Indicator,
    Kpi,
    Link,
    Pairs,
    Panel,
    Task,
    cards,
    columns,
    indicators,
    links,
    panels,
    tasks,
)
from songbai.web.rooms.elders.household import Household

from .family import now_of

links["caregiver"].at(10)(Link("caregiver:day", "今天", icon="route"))
links["caregiver"].at(20)(Link("caregiver:fortnight", "两周", icon="calendar"))
links["caregiver"].at(30)(Link("caregiver:hours", "工时", icon="clock"))
links["desk"].at(15)(Link("desk:reports", "门口的事", count=at_doors))

#: The word of the status vocabulary for each doubt that has one: (family, code).
DOUBT_STATUS = {
    Doubt.FAR: ("visit", "geo_doubt"),
    Doubt.NO_POSITION: ("visit", "geo_doubt"),
    Doubt.NOT_THERE: ("visit", "geo_doubt"),
    Doubt.SHORT: ("visit", "short"),
    Doubt.LATE: ("visit", "late"),
}


@tasks.at(10)
def _late(actor: Actor, region: str) -> list[Task]:
    late = figures.late_now(actor, region).count()
    return [
        Task(
            ("visit", "missed"),
            f"{late:,} 单到点还没人到",
            late,
            "约定时间过了 15 分钟没签到，或到点没派人",
            link("orders", region=region, show=Show.LATE),
        )
    ]


@tasks.at(5)
def _reports(actor: Actor, region: str) -> list[Task]:
    waiting = open_reports(actor, region).count()
    return [
        Task(
            ("visit", "reported"),
            f"{waiting:,} 次上门没人开门或老人不舒服",
            waiting,
            "护理员从门口报的，调度还没有处理",
            link("orders", region=region, show=Show.REPORTED),
        )
    ]


@tasks.at(30)
def _doubts(actor: Actor, region: str) -> list[Task]:
    return [
        Task(
            DOUBT_STATUS.get(doubt, ("decision", "to_verify")),
            f"{count:,} 次上门{doubt.words}",
            count,
            "近 3 天签到、签退时留下的疑点，核对的算在上面",
            link("orders", region=region, show=Show.DOUBTED, doubt=doubt.value),
            told=True,
        )
        for doubt, count in figures.doubts_by_kind(actor, region).items()
    ]


@cards.at(40)
def _visits(actor: Actor, place: Place, month: str) -> Kpi:
    went = figures.month_sum(actor, place.prefix, month)
    here = {"region": place.prefix, "month": month}
    return Kpi(
        f"{month_name(month)}上门服务",
        f"{went.done:,}",
        "次",
        link("orders", **here, show=Show.VISITED),
        f"按时率 {went.share:.1f}%" if went.share is not None else "还没有上门",
        link("orders", **here, show=Show.ON_TIME) if went.done else "",
        history=(by_week(dict(weekly(actor, place, figures.weekly))), "前几周每周上门，次"),
    )


@columns.at(30)
def _columns(actor: Actor, place: Place, month: str) -> list[Column]:
    went = figures.sum_by_division(actor, place.prefix, month, place.digits)
    done = {code: one.done for code, one in went.items()}
    on_time = {code: one.on_time for code, one in went.items()}
    return [
        Column("done", "上门", done, "orders", {"month": month, "show": Show.VISITED}),
        Column("on_time", "按时", on_time, "orders", {"month": month, "show": Show.ON_TIME}),
    ]


def _on_time(actor: Actor, place: Place, month: str) -> Pairs:
    sums = figures.sum_by_division(actor, place.prefix, month, place.digits)
    return {part: (s.on_time, s.done) for part, s in sums.items()}


indicators.at(20)(
    Indicator(
        "on_time",
        "按时上门率",
        "%",
        100,
        "按时（次）",
        "上门（次）",
        "签到不晚于约定时间 15 分钟的上门 ÷ 本月已签退的上门",
        _on_time,
    )
)


@panels["family home"].at(10)
def _now(actor: Actor, home: Household) -> Panel:  # noqa: ARG001  # who the household is of
    return Panel("family/_now.html", now_of(home), ("orders",))
