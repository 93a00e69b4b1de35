"""What feeds add to the house."""

from __future__ import annotations

from songbai.core.accounts.registry import act
from songbai.core.accounts.rules import RoleKind
from songbai.core.following import empties, follows
from songbai.domain.elders.declares import OFFICER

from .models import SourceRow, UnmatchedRow

DEPARTMENT = RoleKind.DEPARTMENT

FEED_DELIVER = act("feed.deliver", "送数据", OFFICER, DEPARTMENT)
FEED_READ = act("feed.read", "看部门数据", OFFICER)
FEED_SETTLE = act("feed.settle", "处理部门数据", OFFICER)
FEED_KEY = act("feed.key", "管理数据密钥", OFFICER)

follows(SourceRow, merge="record", death="stays", move="stays", erasure="kept")
follows(UnmatchedRow, merge="record", death="stays", move="stays", erasure=empties())
