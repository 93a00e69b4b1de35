"""What approvals add to the house."""

from songbai.core.events.registry import event
from songbai.core.following import empties, follows

from .models import Proposal, Vote

event("proposal.made", "提交审核")
event("proposal.approved", "审核同意")
event("proposal.rejected", "审核没同意")
event("proposal.withdrawn", "撤回申请")
event("proposal.expired", "审核过期")

follows(Proposal, merge="carried", death="stays", move="stays", erasure=empties())
follows(Vote, merge="together", death="stays", move="stays", erasure="kept")
