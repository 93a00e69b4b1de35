"""What matching adds to the house."""

from songbai.core.accounts.registry import act
from songbai.core.events.registry import event
from songbai.core.following import empties, follows
from songbai.domain.elders.declares import OFFICER

from .models import Candidate, Merge

MATCH_READ = act("match.read", "看疑似重复", OFFICER)
MATCH_DECIDE = act("match.decide", "判定是否同一人", OFFICER)
MATCH_UNDO = act("match.undo", "撤销合并", OFFICER)

event("elder.merged", "档案合并")
event("elder.merge_undone", "撤销档案合并")
event("matching.decided", "判定是不是同一人")

follows(
    Candidate, merge="record", death="stays", move="stays", erasure=empties(), person="elder_id"
)
follows(Merge, merge="record", death="stays", move="stays", erasure="kept", person="survivor_id")
