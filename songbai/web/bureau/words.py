"""How rows read: masked people, services, events, ledger accounts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from songbai.core.accounts.rules import Actor
from songbai.core.events.models import Event
from songbai.core.ledger.models import LedgerAccount
from songbai.core.regions.queries import path
from songbai.domain.dispatch.models import Assignment
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import age
from songbai.domain.elders.queries.lists import named
from songbai.domain.elders.rules import mask_name
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries.books import BOOK_WORDS, MONTHLY, Book, book_of
from songbai.domain.orders.rules import PAYER_WORDS, Payer
from songbai.domain.providers.queries.figures import provider_names
from songbai.domain.visits.models import Visit
from songbai.domain.visits.rules import DOUBT_WORDS, Doubt

#: Name of an account and whether its holder is somebody at work.
Person = tuple[str, bool]

EVENT_WORDS = {
    "elder.registered": "登记",
    "elder.proxy_bound": "绑定家属",
    "elder.died": "部门数据登记去世",
    "feeds.row_matched": "部门数据找到本人",
    "elder.proxy_ended": "结束家属授权",
    "elder.hold_placed": "保留，不许清除",
    "elder.hold_lifted": "解除保留",
    "elder.erased": "清除个人信息",
    "consent.given": "同意给别人看",
    "consent.withdrawn": "收回同意",
    "proposal.made": "提交审核",
    "proposal.approved": "审核同意",
    "proposal.rejected": "审核没同意",
    "proposal.withdrawn": "撤回申请",
    "proposal.expired": "审核过期",
    "export.taken": "导出名单",
    "elder.merged": "档案合并",
    "elder.merge_undone": "撤销档案合并",
    "matching.decided": "判定是不是同一人",
    "order.placed": "下单",
    "order.assigned": "派人",
    "assignment.withdrawn": "撤回派人",
    "assignment.moved": "改上门时间",
    "assignment.late_expected": "提醒可能晚到",
    "staff.absent": "护理员不能来",
    "vehicle.given": "给班次配车",
    "vehicle.taken_off": "班次不带车了",
    "plan.drafted": "排班草稿",
    "plan.changed": "改排班草稿",
    "plan.dropped": "排班草稿作废",
    "plan.published": "公布排班",
    "wish.stated": "记下对护理员的要求",
    "wish.ended": "不再要求",
    "visit.checked_in": "签到",
    "order.begun": "开始服务",
    "visit.checked_out": "签退",
    "order.served": "服务完，请家属确认",
    "order.confirmed": "家属确认",
    "order.confirmation_undone": "撤回确认",
    "order.cancelled": "取消订单",
    "statement.settled": "结算",
    "payment.failed": "银行退回待遇",
    "payment.account_given": "更换发放账号",
    "payment.retried": "同一账号再发一次",
    "payment.called_off": "不再发放",
    "benefit.suspended": "暂停待遇",
    "benefit.resumed": "恢复待遇",
    "recovery.planned": "排好退回分期",
    "recovery.repaid": "退回一期",
    "recovery.waived": "免除退回",
}
TRANSFER_WORDS = {
    "credit": "发放额度",
    "voucher": "发放电子券",
    "lapse": "月底没用完，退回",
    "hold": "下单，先留出来",
    "release": "取消，退回",
    "earn": "确认，算服务商完成",
    "unearn": "撤回确认",
    "settle": "结算给服务商",
    "sent": "交银行发放",
    "paid": "银行已发放",
    "bounced": "银行退回",
    "withheld": "从发放中扣还",
    "claim": "多发，应退回",
    "repaid": "已退回",
    "waived": "免除退回",
}


@dataclass(frozen=True)
class OrderRow:
    """An order in a list: who, where, what, by whom, for how much from whom."""

    order: Order
    who: str
    age: int
    village: str
    items: str
    caregiver: str
    doubts: list[str]
    credit: int
    voucher: int
    own: int


def row_of(order: Order) -> OrderRow:
    """A row; caregiver and doubts only where they were fetched (``orders_by_id``)."""
    going, came = getattr(order, "going", []), getattr(order, "came", [])
    shares = {share.payer: share.amount for share in order.shares.all()}
    return OrderRow(
        order,
        mask_name(order.elder.name),
        age(order.elder),
        village_of(order.region_id),
        "、".join(line.item.name for line in order.lines.all()),
        mask_name(going[0].staff_name) if going else "",
        [DOUBT_WORDS[Doubt(doubt)] for doubt in came[0].doubts] if came else [],
        shares.get(Payer.CREDIT, 0),
        shares.get(Payer.VOUCHER, 0),
        shares.get(Payer.OWN, 0),
    )


def village_of(code: str) -> str:
    """安居 · 白云村, from the cached tree."""
    return " · ".join(region.short for region in path(code)[1:])


def event_words(event: Event) -> str:
    """What somebody did, in one clause with its reason."""
    words = EVENT_WORDS.get(event.kind, event.kind)
    told = event.payload
    parts = [mask_name(told["caregiver"]) if told.get("caregiver") else "", told.get("reason", "")]
    if told.get("override"):
        parts.append(f"改派原因：{told['override']}")
    parts += [DOUBT_WORDS[Doubt(doubt)] for doubt in told.get("doubts", [])]
    if told.get("stars"):
        parts.append(f"{told['stars']} 星")
    if told.get("relation"):
        parts.append(told["relation"])
    detail = "，".join(part for part in parts if part)
    return f"{words}：{detail}" if detail else words


def who_did(people: Mapping[int, Person], account_id: int | None) -> str:
    """Somebody at work by name, family masked, the program itself as 系统."""
    if account_id is None:
        return "系统"
    name, at_work = people.get(account_id, ("", False))
    return name if at_work else f"家属 {mask_name(name)}" if name else "账号已停用"


@dataclass(frozen=True)
class Step:
    """Something that happened to an order, and who did it where that is known."""

    at: datetime
    words: str
    who: str = ""


def steps_of(
    order: Order,
    assignment: Assignment | None,
    visit: Visit | None,
    events: Iterable[Event],
    people: Mapping[int, Person],
) -> list[Step]:
    """What happened to an order: its events, or its own dates where it has no events."""
    told = [Step(e.at, event_words(e), who_did(people, e.actor_id)) for e in events]
    dates = [
        (order.placed_at, "下单"),
        (assignment and assignment.decided_at, "派人"),
        (visit and visit.in_at, "签到"),
        (visit and visit.out_at, "签退"),
        (order.confirmed_at, "确认"),
    ]
    found = told or [Step(at, words) for at, words in dates if at]
    # Settling is an act on a provider's month, so the order's events do not tell it.
    found += [Step(order.settled_at, "结算给服务商")] if order.settled_at else []
    return sorted(found, key=lambda step: step.at)


@dataclass(frozen=True)
class AccountName:
    """A ledger account in words. ``id`` is None where the officer may not open it."""

    words: str
    id: int | None
    owner: str = ""


def names_of_accounts(
    actor: Actor, accounts: Mapping[int, LedgerAccount | None]
) -> dict[int, AccountName]:
    """Ledger accounts with masked owners; one out of scope says so."""
    known = [account for account in accounts.values() if account]
    elders = named(actor, {one.person_id for one in known if one.person_id})
    providers = provider_names({one.organisation_id for one in known if one.organisation_id})
    return {
        account_id: AccountName(kind_of(account), account.pk, _owner(account, elders, providers))
        if account
        else AccountName(f"账户 {account_id}（不在您能看的范围里）", None)
        for account_id, account in accounts.items()
    }


def kind_of(account: LedgerAccount) -> str:
    """The kind of an account with its month, or the name it was opened with."""
    try:
        book = book_of(account)
    except (ValueError, IndexError):
        return account.name
    parts = account.code.split(":")
    if book not in MONTHLY:
        return BOOK_WORDS[book]
    payer = f" · {PAYER_WORDS[Payer(parts[3])]}" if book is Book.EARNED else ""
    return f"{BOOK_WORDS[book]}{payer} {parts[-1]}"


def _owner(
    account: LedgerAccount, elders: Mapping[int, Elder], providers: Mapping[int, str]
) -> str:
    if account.person_id:
        elder = elders.get(account.person_id)
        return f"{mask_name(elder.name) if elder else '老人'}（编号 {account.person_id}）"
    if account.organisation_id:
        return providers.get(account.organisation_id, "")
    return village_of(account.region_id) or path(account.region_id)[0].name
