"""What waits for somebody today: computed lists, each with its rows one click away."""

from collections.abc import Iterable

from songbai.core.accounts.rules import Actor
from songbai.web.plugs import Task, tasks

from .shell import WORK_SECONDS, kept


def work_of(actor: Actor, region: str) -> list[Task]:
    """What is to be done in a division, at most half a minute old; lines without work are left out.

    Raises NotAllowed.
    """

    def compute() -> list[Task]:
        return [task for plugged in tasks for task in plugged(actor, region) if task.count]

    return kept(actor, f"work:{region}", WORK_SECONDS, compute)


def work_count(actor: Actor) -> int:
    """How many things wait in the officer's own area. Raises NotAllowed."""
    return things_in(work_of(actor, actor.region or ""))


def things_in(work: Iterable[Task]) -> int:
    """How many things somebody must do, each counted once."""
    return sum(task.count for task in work if not task.told)
