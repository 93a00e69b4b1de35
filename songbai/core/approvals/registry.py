"""The kinds of proposals, registered by the rooms and closed when the program has started."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from songbai.core.accounts.registry import Act
from songbai.core.accounts.rules import Actor
from songbai.core.registry import Registry

if TYPE_CHECKING:
    from .models import Proposal

Approved = Callable[[Actor, "Proposal"], None]
MayVote = Callable[[Actor, "Proposal"], bool]


@dataclass(frozen=True)
class Kind:
    """One kind of proposal.

    ``propose`` and ``decide`` are the acts asked of proposer and voter, ``needed`` how many must
    agree, ``lasts`` how long they have. ``may_vote`` narrows or widens who may decide one proposal,
    ``may_refuse`` says who else may say no. What is agreed to is not done before ``waits`` is over.
    """

    name: str
    label: str
    propose: Act
    decide: Act
    needed: int
    lasts: timedelta
    approved: Approved
    may_vote: MayVote | None = None
    may_refuse: MayVote | None = None
    waits: timedelta = timedelta()

    def due(self, proposal: Proposal) -> datetime:
        """Before when it is not carried out."""
        return proposal.proposed_at + self.waits


_kinds: Registry[Kind] = Registry("kind of proposal")
_bars: Registry[MayVote] = Registry("bar to deciding")


def approval(
    name: str,
    *,
    label: str,
    propose: Act,
    decide: Act,
    needed: int = 1,
    lasts: timedelta = timedelta(days=30),
    may_vote: MayVote | None = None,
    may_refuse: MayVote | None = None,
    waits: timedelta = timedelta(),
) -> Callable[[Approved], Approved]:
    """Decorator for what happens, in the last vote's transaction, when a kind is approved.

    Stands in a room's ``approvals.py``. Raises RuntimeError for a kind that exists, and after the
    start of the program.
    """

    def register(approved: Approved) -> Approved:
        found = Kind(
            *(name, label, propose, decide, needed, lasts, approved),
            *(may_vote, may_refuse, waits),
        )
        _kinds.add(name, found)
        return approved

    return register


def bar(name: str, bars: MayVote) -> None:
    """Declare of whom a proposal of any kind is not to be decided; stands in ``approvals.py``."""
    _bars.add(name, bars)


def is_barred(actor: Actor, proposal: Proposal) -> bool:
    """Whether some room says that the actor is too near to who asks."""
    return any(bars(actor, proposal) for bars in _bars)


def kind(name: str) -> Kind:
    """The kind of this name.

    Raises KeyError.
    """
    return _kinds[name]


def kinds() -> list[Kind]:
    """All kinds, by name."""
    return sorted(_kinds, key=lambda kind: kind.name)
