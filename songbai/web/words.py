"""How people, places and events read in every door."""

from __future__ import annotations

from collections.abc import Mapping

from songbai.core.events.models import Event
from songbai.core.regions.queries import path
from songbai.domain.elders.rules import mask_name
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
