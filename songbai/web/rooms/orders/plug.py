"""What orders plug into the doors."""

from datetime import timedelta

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.ledger.registry import payer_of, payers
from songbai.domain.benefits.declares import CREDIT
from songbai.domain.benefits.queries.figures import granted_by_division
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries.figures import heads_by_division
from songbai.domain.orders.queries import figures, of_elder
from songbai.domain.orders.queries.books import unpaid_before
from songbai.domain.orders.rules import OWN, OrderState
from songbai.domain.visits.queries.figures import late_now
from songbai.domain.visits.queries.lists import Show, orders_by_id
from songbai.web.frames.bureau.cockpit import by_week, mondays, month_name, weekly
from songbai.web.frames.bureau.shell import WORK_SECONDS, kept, link
from songbai.web.places import Place
from songbai.web.plugs import (
    CARE,
    MONEY,
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


def _unpaid(actor: Actor) -> int:
    month = clock.month_of(clock.today())
    return kept(actor, "unpaid", WORK_SECONDS, lambda: len(unpaid_before(actor, month)))


links["bureau"].at(170)(Link("bureau:orders", "上门服务", icon="truck-delivery", under=CARE))
links["bureau"].at(310)(
    Link("bureau:money", "资金结算", icon="receipt-yuan", under=MONEY, count=_unpaid)
)
links["provider"].at(10)(Link("provider:orders", "订单", icon="clipboard-list"))
links["provider"].at(40)(Link("provider:statement", "结算", icon="wallet"))
links["desk"].at(20)(Link("desk:order_new", "电话下单"))
links["family"].at(40)(Link("family:orders", "订单", icon="calendar-heart"))
links["family home"].at(20)(Link("family:orders", "我的订单", icon="calendar-heart"))


@tasks.at(20)
def _unassigned(actor: Actor, region: str) -> list[Task]:
    lonely = figures.unassigned_on(actor, region, clock.today() + timedelta(days=1)).count()
    return [
        Task(
            ("order", "accepted"),
            f"明天 {lonely:,} 单还没派人",
            lonely,
            "请调度台今天派出去",
            link("orders", region=region, show=Show.UNASSIGNED),
        )
    ]


@tasks.at(29)
def _held(actor: Actor, region: str) -> list[Task]:
    held = figures.held(actor, region).count()
    return [
        Task(
            ("decision", "to_verify"),
            f"{held:,} 单上门有疑点，等核对",
            held,
            "问过老人再定：服务做了就付，没有做钱退回",
            link("orders", region=region, show="held"),
        )
    ]


@tasks.at(40)
def _waiting(actor: Actor, region: str) -> list[Task]:
    waiting = figures.waiting_long(actor, region).count()
    return [
        Task(
            ("order", "to_confirm"),
            f"{waiting:,} 单等家属确认超过 12 小时",
            waiting,
            "满 24 小时会自动确认，不用办",
            link("orders", region=region, show=Show.WAITING),
            told=True,
        )
    ]


@cards.at(50)
def _orders(actor: Actor, place: Place, month: str) -> Kpi:  # noqa: ARG001  # orders of now
    here = {"region": place.prefix}
    late = late_now(actor, place.prefix).count()
    weeks = weekly(actor, place, figures.weekly)
    return Kpi(
        "现在没服务完的订单",
        f"{figures.in_progress(actor, place.prefix).count():,}",
        "单",
        link("orders", **here, show=Show.PROGRESS),
        "到点还没人到",
        link("orders", **here, show=Show.LATE),
        f"{late:,} 单",
        link("orders", **here, show=Show.LATE),
        bad=late > 0,
        history=(by_week({week.monday: week.orders for week in weeks}), "前几周每周订单，单"),
    )


@cards.at(60)
def _stars(actor: Actor, place: Place, month: str) -> Kpi:
    rated = figures.ratings(actor, place.prefix, month)
    past = mondays()
    stars = {week.monday: week.stars for week in weekly(actor, place, figures.weekly)}
    return Kpi(
        f"{month_name(month)}家属打分",
        f"{rated.mean:.2f}" if rated.mean is not None else "还没有",
        "分" if rated.mean is not None else "",
        link("orders", region=place.prefix, month=month, show=Show.RATED),
        f"{rated.count:,} 单有打分，满分 5 分" if rated.count else "家属确认时可以打分",
        history=([round(n, 2) for day in past if (n := stars.get(day))], "前几周平均分"),
    )


@columns.at(20)
def _count(actor: Actor, place: Place, month: str) -> list[Column]:
    counted = figures.count_by_division(actor, place.prefix, month, place.digits)
    return [Column("orders", "订单", counted, "orders", {"month": month})]


@columns.at(40)
def _paid(actor: Actor, place: Place, month: str) -> list[Column]:
    paid = figures.paid_by_division(actor, place.prefix, month, place.digits)
    return [
        Column(
            payer.code,
            f"{payer.pays}（元）",
            {code: shares.get(payer, 0) for code, shares in paid.items()},
            "orders",
            {"month": month, "payer": payer.code},
            money=True,
        )
        for payer in payers()
    ]


def _order_rate(actor: Actor, place: Place, month: str) -> Pairs:
    orders = figures.count_by_division(actor, place.prefix, month, place.digits)
    heads = heads_by_division(actor, place.prefix, place.digits)
    return {part: (orders.get(part, 0), h.elders) for part, h in heads.items()}


def _credit_use(actor: Actor, place: Place, month: str) -> Pairs:
    given = granted_by_division(actor, place.prefix, month, place.digits)
    paid = figures.paid_by_division(actor, place.prefix, month, place.digits)
    return {
        part: (paid.get(part, {}).get(CREDIT, 0) / 100, g.fen / 100) for part, g in given.items()
    }


def _own_money(actor: Actor, place: Place, month: str) -> Pairs:
    orders = figures.count_by_division(actor, place.prefix, month, place.digits)
    paid = figures.paid_by_division(actor, place.prefix, month, place.digits)
    return {part: (paid.get(part, {}).get(payer_of(OWN), 0) / 100, n) for part, n in orders.items()}


indicators.at(10)(
    Indicator(
        "orders",
        "每千名老人订单数",
        "单",
        1000,
        "订单（单）",
        "60 岁以上老人（人）",
        "服务日期在本月、没有取消的订单 ÷ 60 岁以上老人 × 1000",
        _order_rate,
    )
)
indicators.at(30)(
    Indicator(
        "credit_use",
        "额度使用率",
        "%",
        100,
        "订单用掉（元）",
        "本月发放（元）",
        "本月订单里由居家服务额度付的钱（含待确认） ÷ 本月发放的额度",
        _credit_use,
    )
)
indicators.at(40)(
    Indicator(
        "own",
        "每单自己付",
        "元",
        1,
        "自己付（元）",
        "订单（单）",
        "本月订单里老人自己付的钱 ÷ 订单数",
        _own_money,
    )
)


@panels["bureau elder"].at(20)
def _of_elder(actor: Actor, elder: Elder) -> Panel:
    latest = list(of_elder(actor, elder).values_list("pk", flat=True)[:20])
    rows = list(orders_by_id(actor, latest))
    return Panel("bureau/_orders_of_elder.html", {"rows": rows}, ("orders",))


@panels["family home"].at(20)
def _to_confirm(actor: Actor, home: Household) -> Panel | None:
    waiting = of_elder(actor, home.elder).filter(state=OrderState.TO_CONFIRM)[:3]
    return Panel("family/_to_confirm.html", {"waiting": waiting}, ("orders",))
