"""What visits add to the house."""

from __future__ import annotations

from songbai.core.accounts.registry import act
from songbai.core.following import empties, follows
from songbai.domain.providers.declares import CAREGIVER

from .models import Visit, VisitStep

VISIT_DO = act("visit.do", "上门服务", CAREGIVER)

follows(
    Visit, merge="together", death="stays", move="stays", erasure=empties("in_reason", "out_reason")
)
follows(VisitStep, merge="together", death="stays", move="stays", erasure="kept")
