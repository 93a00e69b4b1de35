"""What providers add to the house."""

from __future__ import annotations

from songbai.core.accounts.registry import grant
from songbai.core.accounts.rules import RoleKind
from songbai.domain.elders.declares import CORRECTION_ASK

PROVIDER = RoleKind.PROVIDER
CAREGIVER = RoleKind.CAREGIVER

grant(CORRECTION_ASK, CAREGIVER)
