"""What dispatch adds to the house."""

from __future__ import annotations

from songbai.core.accounts.registry import act
from songbai.core.following import follows
from songbai.domain.elders.declares import DISPATCHER
from songbai.domain.providers.declares import CAREGIVER, PROVIDER

from .models import Assignment, PlanLine, Wish

DISPATCH_READ = act("dispatch.read", "看排班", DISPATCHER)
DISPATCH_PLAN = act("dispatch.plan", "排班派单", DISPATCHER)
VEHICLE_GIVE = act("vehicle.give", "派车", DISPATCHER, PROVIDER)
POSITION_SHARE = act("position.share", "共享位置", CAREGIVER)

follows(Assignment, merge="together", death="ends", move="stays", erasure="kept")
follows(Wish, merge="together", death="ends", move="stays", erasure="kept")
follows(PlanLine, merge="together", death="ends", move="stays", erasure="kept")
