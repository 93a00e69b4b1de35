"""Reading the event log."""

from typing import TypeAlias

from django.db.models import QuerySet

from .models import Event


def history(subject_kind: str, subject_id: int) -> QuerySet[Event]:
    """All that happened to one thing, oldest first."""
    return Event.objects.filter(subject_kind=subject_kind, subject_id=subject_id).order_by("id")


def of_person(*records: int) -> QuerySet[Event]:
    """All that happened to one person's affairs, newest first, by the numbers of her records; the
    caller checked the scope.
    """
    return Event.objects.filter(person_id__in=records).order_by("-id")


#: No transaction stays open while so many others commit an event.
_LATELY = 100

#: How far the log has come in the session's sight: what was read at one position still holds.
Position: TypeAlias = tuple[int, ...]


def position() -> Position:
    """The numbers of the latest events in the session's scope.

    Numbers are given before a transaction commits, so a lower one may appear after a higher; the
    latest hundred show that too.
    """
    return tuple(Event.objects.order_by("-id").values_list("id", flat=True)[:_LATELY])
