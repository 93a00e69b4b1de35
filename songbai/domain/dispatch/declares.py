"""What dispatch adds to the house."""

from __future__ import annotations

from songbai.core.following import follows

from .models import Assignment, PlanLine, Wish

follows(Assignment, merge="together", death="ends", move="stays", erasure="kept")
follows(Wish, merge="together", death="ends", move="stays", erasure="kept")
follows(PlanLine, merge="together", death="ends", move="stays", erasure="kept")
