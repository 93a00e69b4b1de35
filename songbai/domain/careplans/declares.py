"""What care plans add to the house."""

from __future__ import annotations

from songbai.core.following import empties, follows

from .models import CarePlan, CarePlanLine

follows(CarePlan, merge="together", death="ends", move="stays", erasure=empties("end_reason"))
follows(CarePlanLine, merge="together", death="ends", move="stays", erasure="kept")
