"""What visits add to the house."""

from __future__ import annotations

from songbai.core.following import empties, follows

from .models import Visit, VisitStep

follows(
    Visit, merge="together", death="stays", move="stays", erasure=empties("in_reason", "out_reason")
)
follows(VisitStep, merge="together", death="stays", move="stays", erasure="kept")
