"""What accounts forget after its time."""

from __future__ import annotations

from datetime import datetime

from django.contrib.sessions.models import Session

from songbai.core.retention.registry import retained

from .models import TextMessage


@retained("text_messages")
def forget_text_messages(before: datetime) -> int:
    """Drop recorded text messages."""
    return TextMessage.objects.filter(sent_at__lt=before).delete()[0]


@retained("sessions")
def forget_sessions(before: datetime) -> int:
    """Drop sessions that ended."""
    return Session.objects.filter(expire_date__lt=before).delete()[0]
