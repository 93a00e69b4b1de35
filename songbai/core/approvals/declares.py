"""What approvals add to the house."""

from __future__ import annotations

from songbai.core.following import empties, follows

from .models import Proposal, Vote

follows(Proposal, merge="together", death="ends", move="stays", erasure=empties())
follows(Vote, merge="together", death="stays", move="stays", erasure="kept")
