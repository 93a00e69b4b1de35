"""Reading the event log."""

from __future__ import annotations

from django.db.models import QuerySet

from .models import Event


def history(subject_kind: str, subject_id: int) -> QuerySet[Event]:
    """All that happened to one thing, oldest first."""
    return Event.objects.filter(subject_kind=subject_kind, subject_id=subject_id).order_by("id")


def of_person(person_id: int) -> QuerySet[Event]:
    """All that happened to one person's affairs, newest first; the caller checked the scope."""
    return Event.objects.filter(person_id=person_id).order_by("-id")
