"""What rosters add to the house."""

from __future__ import annotations

from songbai.core.following import empties, follows

from .models import RosterNote

follows(RosterNote, merge="together", death="stays", move="stays", erasure=empties())
