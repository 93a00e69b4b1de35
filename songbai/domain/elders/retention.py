"""What the register forgets after its time: nobody without two people agreeing."""

import uuid
from datetime import datetime

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.rules import ProposalState
from songbai.core.retention.registry import retained

from .actions.erasure import ERASURE, ask_erasure
from .models import Elder

#: Proposals of one night: officers must be able to look at each.
AT_ONCE = 200


@retained("deceased")
def propose_erasure_of_deceased(before: datetime) -> int:
    """Propose to erase those who died long ago and whose record nothing holds."""
    day = before.astimezone(clock.SHANGHAI).date()
    asked = Proposal.objects.filter(kind=ERASURE, state=ProposalState.OPEN).values("subject_id")
    due = Elder.objects.filter(died_on__lt=day, erased_at=None).exclude(pk__in=asked)
    due = due.exclude(holds__lifted_at=None, holds__isnull=False)
    rows = list(due.order_by("died_on", "id")[:AT_ONCE])
    for elder in rows:
        ask_erasure(SYSTEM, elder, uuid.uuid4(), f"去世满保存期限（{elder.died_on}）")
    return len(rows)
