"""What stored files add to the house."""

from __future__ import annotations

from songbai.core.following import empties, follows

from .models import StoredFile

follows(StoredFile, merge="together", death="stays", move="stays", erasure=empties())
