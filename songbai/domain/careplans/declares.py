"""What care plans add to the house."""

from __future__ import annotations

from songbai.core.accounts.registry import act
from songbai.core.following import empties, follows
from songbai.domain.elders.declares import DISPATCHER, FAMILY, OFFICER

from .models import CarePlan, CarePlanLine

CAREPLAN_READ = act("careplan.read", "看照护计划", FAMILY, DISPATCHER, OFFICER)
CAREPLAN_KEEP = act("careplan.keep", "定照护计划", FAMILY, DISPATCHER)

follows(CarePlan, merge="together", death="ends", move="stays", erasure=empties("end_reason"))
follows(CarePlanLine, merge="together", death="ends", move="stays", erasure="kept")
