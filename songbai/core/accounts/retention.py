"""What accounts forget after its time."""

from datetime import datetime

from django.contrib.sessions.models import Session

from songbai.core.retention.registry import retained

from .models import LoginCode, TextMessage, Tries


@retained("text_messages")
def forget_text_messages(before: datetime) -> int:
    """Drop recorded text messages."""
    return TextMessage.objects.filter(sent_at__lt=before).delete()[0]


@retained("login_codes")
def forget_login_codes(before: datetime) -> int:
    """Drop codes that ended and counts of tries long ago."""
    codes = LoginCode.objects.filter(valid_until__lt=before).delete()[0]
    return codes + Tries.objects.filter(since__lt=before).delete()[0]


@retained("sessions")
def forget_sessions(before: datetime) -> int:
    """Drop sessions that ended."""
    return Session.objects.filter(expire_date__lt=before).delete()[0]
