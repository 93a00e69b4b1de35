"""Publishing events and subscribing to them."""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.sql import called

from .models import Event
from .registry import kind_of

CHANNEL = "songbai_live"
_subscribers: defaultdict[str, list[Any]] = defaultdict(list)


def subscribe(kind: str) -> Callable[[Any], Any]:
    """Decorator for a procrastinate task: run it with ``event_id`` after each event of a kind."""

    def register(task: Any) -> Any:
        _subscribers[kind].append(task)
        return task

    return register


def publish(
    kind: str,
    actor: Actor,
    *,
    subject: tuple[str, int],
    region: str,
    person_id: int | None = None,
    organisation_id: int | None = None,
    topics: tuple[str, ...] = (),
    **payload: Any,
) -> None:
    """Record that the actor did something, inside the actor's transaction.

    ``topics`` name the live pages to wake besides the person's, the provider's and the desk's.
    Raises RuntimeError for a kind that no room declares.
    """
    event = event_of(kind, actor, subject, region, person_id, organisation_id, payload)
    Event.objects.bulk_create([event])
    woken = {f"region:{region[:6]}", *topics}
    if person_id:
        woken.add(f"person:{person_id}")
    if organisation_id:
        woken.add(f"organisation:{organisation_id}")
    wake(kind, sorted(woken), subject[1])
    for task in _subscribers[kind]:
        task.defer(event_id=event.pk)


class Placed(Protocol):
    """A row that lies in a division."""

    @property
    def pk(self) -> Any: ...

    @property
    def region_id(self) -> str: ...


def on(subject: str, row: Placed) -> dict[str, Any]:
    """What ``publish`` is told of a row that something happened to: which it is, where, whose."""
    person = row.pk if subject == "elder" else getattr(row, "elder_id", None)
    whose = {"person_id": person} if person else {}
    return {"subject": (subject, row.pk), "region": row.region_id, **whose}


def event_of(
    kind: str,
    actor: Actor,
    subject: tuple[str, int],
    region: str,
    person_id: int | None = None,
    organisation_id: int | None = None,
    payload: dict[str, Any] | None = None,
    make: Callable[..., Event] = Event,
) -> Event:
    """The row of what the actor does now. Raises RuntimeError for a kind no room declares."""
    return make(
        at=clock.now(),
        kind=kind_of(kind).code,
        actor_id=actor.account_id,
        actor_name=actor.name,
        subject_kind=subject[0],
        subject_id=subject[1],
        region_id=region,
        person_id=person_id,
        organisation_id=organisation_id,
        payload=payload or {},
    )


def wake(kind: str, topics: Sequence[str], subject_id: int = 0) -> None:
    """Tell live pages of these topics to look again, when the transaction ends. Leaves no event."""
    called("pg_notify", CHANNEL, json.dumps({"kind": kind, "topics": [*topics], "id": subject_id}))
