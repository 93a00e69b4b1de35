"""What assessments add to the house."""

from __future__ import annotations

from songbai.core.following import follows

from .models import (
    Appeal,
    Assessment,
    AssessorAnswers,
    Notice,
    Occurrence,
    Recusal,
    Review,
    Signature,
    Tap,
)

follows(Recusal, merge="together", death="stays", move="stays", erasure="kept")
follows(Assessment, merge="together", death="ends", move="stays", erasure="kept")
follows(AssessorAnswers, merge="together", death="stays", move="stays", erasure="kept")
follows(Tap, merge="together", death="stays", move="stays", erasure="kept")
follows(Signature, merge="together", death="stays", move="stays", erasure="kept")
follows(Review, merge="together", death="stays", move="stays", erasure="kept")
follows(Appeal, merge="together", death="ends", move="stays", erasure="kept")
follows(Notice, merge="together", death="stays", move="stays", erasure="kept")
follows(Occurrence, merge="together", death="stays", move="stays", erasure="kept")
