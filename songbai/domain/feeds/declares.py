"""What feeds add to the house."""

from __future__ import annotations

from songbai.core.following import empties, follows

from .models import SourceRow, UnmatchedRow

follows(SourceRow, merge="record", death="stays", move="stays", erasure="kept")
follows(UnmatchedRow, merge="record", death="stays", move="stays", erasure=empties())
