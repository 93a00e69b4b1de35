"""What every template may use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from songbai.core import clock

MODE_COOKIE = "songbai-mode"


def house(request: HttpRequest) -> dict[str, Any]:
    """The actor, the elder mode, the time, and whether this is the demo."""
    return {
        "actor": getattr(request, "actor", None),
        "elder_mode": request.COOKIES.get(MODE_COOKIE) == "elder",
        "now": clock.now(),
        "demo": settings.DEMO,
    }
