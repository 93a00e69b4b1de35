"""What a caregiver's phone sends."""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from songbai.core.errors import SongbaiError
from songbai.core.geo import Place
from songbai.domain.dispatch.actions import Fix
from songbai.domain.visits.actions import ReasonNeeded, Scan


def scan_of(posted: Mapping[str, str]) -> Scan:
    """The scan in a form. What the phone got wrong counts as missing: nobody can repair it."""
    return Scan(
        record=_uuid(posted.get("record", "")) or uuid.uuid4(),
        code=posted.get("code", "").strip()[:200],
        place=_place(posted.get("longitude", ""), posted.get("latitude", "")),
        device_time=_moment(posted.get("device_time", "")),
        reason=posted.get("reason", "").strip(),
    )


def fix_of(posted: Mapping[str, str]) -> Fix | None:
    """Where a phone says it is and when; None for what is no place or no time."""
    place = _place(posted.get("longitude", ""), posted.get("latitude", ""))
    at = _moment(posted.get("device_time", ""))
    try:
        accuracy = float(posted.get("accuracy", ""))
    except ValueError:
        return None
    return Fix(place, accuracy, at) if place and at else None


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _place(longitude: str, latitude: str) -> Place | None:
    try:
        place = Place(float(longitude), float(latitude))
    except ValueError:
        return None
    known = math.isfinite(place.longitude) and math.isfinite(place.latitude)
    inside = abs(place.longitude) <= 180 and abs(place.latitude) <= 90
    return place if known and inside else None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


@dataclass(frozen=True)
class Shown:
    """A scan form shown again: its address, what was wrong, and everything that was in it."""

    action: str
    error: SongbaiError
    typed: Mapping[str, str]

    @property
    def asks_reason(self) -> bool:
        """Whether the reason must be written, or already was."""
        return isinstance(self.error, ReasonNeeded) or bool(self.typed.get("reason"))

    @property
    def errors(self) -> list[dict[str, str]]:
        """For the error summary."""
        return [{"field": self.error.field or "", "message": self.error.message}]
