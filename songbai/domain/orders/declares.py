"""What orders add to the house."""

from songbai.core.accounts.registry import act
from songbai.core.audit.registry import read_field
from songbai.core.events.registry import Told, detailed, event, listed
from songbai.core.following import empties, follows
from songbai.core.ledger.registry import kind_of_accounts, kinds_of_transfers, payer
from songbai.domain.benefits.rules.facts import yuan
from songbai.domain.elders.declares import DISPATCHER, FAMILY, OFFICER
from songbai.domain.providers.declares import PROVIDER

from .models import Order, OrderLine, PayerShare
from .rules import OWN

ORDER_PLACE = act("order.place", "下单", FAMILY, DISPATCHER)
ORDER_READ = act("order.read", "看订单", FAMILY, DISPATCHER, PROVIDER, OFFICER)
ORDER_CANCEL = act("order.cancel", "取消订单", FAMILY, DISPATCHER)
ORDER_CONFIRM = act("order.confirm", "确认服务", FAMILY)
ORDER_SETTLE = act("order.settle", "结算", OFFICER)
ORDER_REVERSE = act("order.reverse", "提出追回没做的订单", OFFICER)
STATEMENT_READ = act("statement.read", "看对账单", PROVIDER, OFFICER)

_CHANNELS = {"family": "家属下单", "hotline": "电话下单"}


def _placed(told: Told) -> str:
    going = f"去{told['destination']}" if told["destination"] else ""
    return listed(f"{_CHANNELS.get(told['channel'], '下单')}，编号 {told['number']}", going)


def _stars(told: Told) -> str:
    return f"{told['stars']} 星" if told.get("stars") else ""


def _returned(told: Told) -> str:
    return "留给这一单的钱退回了" if told.get("returned") else "没有收过钱"


def _because(told: Told) -> str:
    """Why the system cancelled (a death, a stay in hospital); people know their own reasons."""
    return f"因{told['because']}" if told.get("because") else ""


def _found(told: Told) -> str:
    if told.get("given"):
        return "核对过，服务做了"
    return f"核对过，服务没有做，{'另外找人去' if told.get('again') else '钱不付'}"


def _taken_back(told: Told) -> str:
    """Whether the provider had been paid."""
    return (
        "查明服务没有做，已付的从以后的结算里扣" if told.get("paid") else "查明服务没有做，钱退回"
    )


def _gave(told: Told) -> str:
    return f"，给了 {told['stars']} 颗星" if told.get("stars") else ""


def _split_anew(told: Told) -> str:
    before, own = told.get("before"), told.get("own")
    fewer = f"自己付 {yuan(before)}改成 {yuan(own or 0)}" if before else ""
    return listed("额度到了，改由额度先付", fewer)


event("order.placed", "下单", desk=_placed, family=lambda told: f"{told['who']}下单")
event("order.split_anew", _split_anew)
event("order.begun", "开始服务")
event("order.served", "服务完，请家属确认")
event(
    "order.confirmed",
    lambda told: detailed("家属确认", _stars(told)),
    desk=lambda told: listed(
        "24 小时到，自动确认" if told["by_itself"] else "家属确认", _stars(told)
    ),
    family=lambda told: f"{told['who']}确认做完了{_gave(told)}",
)
event(
    "order.denied",
    lambda told: detailed("家属说没做好", told.get("why", "")),
    family=lambda told: listed(f"{told['who']}说没做好", told.get("why", ""), "等街镇核对"),
)
event(
    "order.confirmation_undone",
    "撤回确认",
    desk="家属撤回确认",
    family=lambda told: f"{told['who']}撤回了确认",
)
event(
    "order.cancelled",
    "取消订单",
    desk=lambda told: listed("取消", told["cancel_reason"]),
    family=lambda told: f"{told['who']}{_because(told)}取消了，{_returned(told)}",
)
event(
    "order.looked_at",
    lambda told: detailed(_found(told), told.get("reason", "")),
    desk=lambda told: listed(_found(told), told.get("reason", "")),
    family=lambda told: f"街镇{_found(told)}",
)
event(
    "order.taken_back",
    lambda told: detailed(_taken_back(told), told.get("reason", "")),
    family="街镇查明这次服务没有做，钱退回了；自己付的那份请向服务商要回",
)
event("statement.settled", "结算")

read_field("orders", "订单")
read_field("time", "上门时间")

follows(
    Order,
    merge="carried",
    death="ends",
    move="stays",
    erasure=empties("note", "comment", "cancel_reason"),
)
follows(OrderLine, merge="carried", death="stays", move="stays", erasure="kept")
follows(PayerShare, merge="carried", death="stays", move="stays", erasure="kept")

payer(
    OWN,
    "自己付",
    short="自己",
    order=90,
    account="elder:{person}:own",
    money="自己付的钱",
    book="老人自己付的钱",
    bounded=False,
)
kind_of_accounts("provider/held", "服务商待确认", order=100)
EARNED = kind_of_accounts("provider/earned", "服务商已完成、未结算", order=110, monthly=True)
kind_of_accounts("provider/owes", "服务商应退回", order=115)
kind_of_accounts("provider/paid", "服务商已结算", order=120)
kinds_of_transfers(
    hold="下单，先留出来",
    release="取消，退回",
    earn="确认，算服务商完成",
    unearn="撤回确认",
    settle="结算给服务商",
    offset="结算时扣回应退的钱",
    reverse="结算后查明没做，退回",
)
