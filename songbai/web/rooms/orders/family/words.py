"""What families read about what happened to an order: who did it, in plain words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from songbai.core.accounts.rules import Actor
from songbai.core.events.models import Event
from songbai.domain.elders.rules import mask_name


@dataclass(frozen=True)
class Moment:
    """One line of an order's story."""

    at: datetime
    words: str
    tone: str


def _stars(payload: Mapping[str, Any]) -> str:
    stars = payload.get("stars")
    return f"，给了 {stars} 颗星" if stars else ""


_Words = Callable[[str, Mapping[str, Any]], str]
_KINDS: dict[str, tuple[str, _Words]] = {
    "order.placed": ("done", lambda who, _: f"{who}下单"),
    "order.assigned": ("done", lambda who, p: f"{who}安排护理员{p.get('caregiver', '')}上门"),
    "assignment.withdrawn": ("done", lambda who, p: f"{who}换下了护理员{p.get('caregiver', '')}"),
    "assignment.moved": (
        "done",
        lambda who, p: f"{who}改了护理员{p.get('caregiver', '')}上门的时间",
    ),
    "visit.checked_in": ("done", lambda _, p: f"护理员{p.get('caregiver', '')}到了，已签到"),
    "visit.checked_out": ("done", lambda _, p: f"护理员{p.get('caregiver', '')}做完了，已签退"),
    "order.confirmed": ("done", lambda who, p: f"{who}确认做完了{_stars(p)}"),
    "order.confirmation_undone": ("done", lambda who, _: f"{who}撤回了确认"),
    "order.cancelled": ("bad", lambda who, _: f"{who}取消了，钱已退回"),
}


def timeline(events: Iterable[Event], reader: Actor) -> list[Moment]:
    """The story of an order, oldest first; events that say nothing new to a family are left out."""
    return [
        Moment(event.at, words(actor_words(event, reader), event.payload), tone)
        for event in events
        if event.kind in _KINDS
        for tone, words in [_KINDS[event.kind]]
    ]


def actor_words(event: Event, reader: Actor) -> str:
    """您, 系统, or a masked name followed by a space."""
    if event.actor_id is None:
        return "系统"
    return "您" if event.actor_id == reader.account_id else f"{mask_name(event.actor_name)} "
