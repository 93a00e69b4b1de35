"""What families read about what happened to an order: who did it, in plain words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from songbai.core.accounts.rules import Actor
from songbai.core.events.models import Event
from songbai.core.events.registry import said
from songbai.domain.elders.rules import mask_name


@dataclass(frozen=True)
class Moment:
    """One line of an order's story."""

    at: datetime
    words: str
    tone: str


def timeline(events: Iterable[Event], reader: Actor) -> list[Moment]:
    """The story of an order, oldest first; events that say nothing new to a family are left out."""
    return [
        Moment(event.at, words, "bad" if event.kind == "order.cancelled" else "done")
        for event in events
        if (
            words := said(event.kind, event.payload | {"who": actor_words(event, reader)}, "family")
        )
    ]


def actor_words(event: Event, reader: Actor) -> str:
    """您, 系统, or a masked name followed by a space."""
    if event.actor_id is None:
        return "系统"
    return "您" if event.actor_id == reader.account_id else f"{mask_name(event.actor_name)} "
