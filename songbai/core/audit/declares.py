"""What the log of readings adds to the house."""

from __future__ import annotations

from songbai.core.following import follows

from .models import Read

follows(Read, merge="together", death="stays", move="stays", erasure="kept")
