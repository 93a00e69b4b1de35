"""What matching adds to the house."""

from __future__ import annotations

from songbai.core.following import empties, follows

from .models import Candidate, Merge

follows(
    Candidate, merge="record", death="stays", move="stays", erasure=empties(), person="elder_id"
)
follows(Merge, merge="record", death="stays", move="stays", erasure="kept", person="survivor_id")
