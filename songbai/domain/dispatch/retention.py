"""What dispatch forgets after its time: where caregivers were; that they share it stays."""

from datetime import datetime

from songbai.core.accounts.rules import SYSTEM
from songbai.core.retention.registry import retained

from .actions.positions import forget_positions


@retained("positions")
def forget(before: datetime) -> int:
    """Forget where caregivers were before a moment."""
    return forget_positions(SYSTEM, before)
