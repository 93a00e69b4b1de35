"""What dispatch forgets after its time: where caregivers were; that they share it stays."""

from __future__ import annotations

from datetime import datetime

from songbai.core.retention.registry import retained

from .actions.positions import NOWHERE
from .models import Position


@retained("positions")
def forget_positions(before: datetime) -> int:
    """Forget where caregivers were before a moment."""
    return Position.objects.filter(received_at__lt=before).update(**NOWHERE)
