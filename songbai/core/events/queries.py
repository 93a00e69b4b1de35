"""Reading the event log."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import QuerySet

from .models import Event


def history(subject_kind: str, subject_id: int) -> QuerySet[Event]:
    """All that happened to one thing, oldest first."""
    return Event.objects.filter(subject_kind=subject_kind, subject_id=subject_id).order_by("id")


def of_person(person_id: int) -> QuerySet[Event]:
    """All that happened to one person's affairs, newest first; the caller checked the scope."""
    return Event.objects.filter(person_id=person_id).order_by("-id")


class Position(NamedTuple):
    """How far the log has come in the session's sight: what was read at one position still holds.

    Numbers are given before a transaction commits, so a lower one may appear after a higher;
    counting the latest numbers shows that too.
    """

    newest: int
    lately: int


#: No transaction stays open while so many others commit an event.
_LATELY = 500


def position() -> Position:
    """Where the log stands, as far as this session's scope reaches."""
    newest = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
    return Position(newest, Event.objects.filter(id__gt=newest - _LATELY).count())
