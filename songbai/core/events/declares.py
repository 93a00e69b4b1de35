"""What the log of events adds to the house."""

from __future__ import annotations

from songbai.core.following import follows

from .models import Event

follows(Event, merge="together", death="stays", move="stays", erasure="kept")
