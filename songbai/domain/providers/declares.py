"""What providers add to the house."""

from __future__ import annotations

from songbai.core.accounts.registry import grant
from songbai.core.accounts.rules import RoleKind
from songbai.core.events.registry import event
from songbai.domain.elders.declares import CORRECTION_ASK

PROVIDER = RoleKind.PROVIDER
CAREGIVER = RoleKind.CAREGIVER

grant(CORRECTION_ASK, CAREGIVER)

event("providers.left", "服务商退出")
event("providers.renamed", "服务商登记信息有变")
