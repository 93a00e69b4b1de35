"""What feeds add to the house."""

from songbai.core.accounts.registry import act, role
from songbai.core.events.registry import detailed, event
from songbai.core.following import empties, follows
from songbai.domain.elders.declares import OFFICER

from .models import SourceRow, UnmatchedRow

DEPARTMENT = role("department", "数据部门", reaches="region")

FEED_DELIVER = act("feed.deliver", "送数据", OFFICER, DEPARTMENT)
FEED_READ = act("feed.read", "看部门数据", OFFICER)
FEED_SETTLE = act("feed.settle", "处理部门数据", OFFICER)
FEED_KEY = act("feed.key", "管理数据密钥", OFFICER)

event("feeds.received", "部门送来数据")
event("feeds.received_again", "部门又送来同一份数据")
event("feeds.refused", "部门数据不能用，退回")
event("feeds.refused_taken", lambda told: detailed("取走退回的数据行", told.get("purpose", "")))
event("feeds.written", "部门数据写进档案")
event("feeds.list_held", "名单少得太多，先不结束原来的")
event("feeds.late", "部门数据到期没送")
event("feeds.file_not_taken", "文件夹里的文件不能收")
event("feeds.key_issued", "发给部门送数据的密钥")
event("feeds.key_revoked", "停用部门的密钥")
event("feeds.row_matched", "部门数据找到本人")
event("feeds.row_dismissed", "部门数据不是这里的人")

follows(SourceRow, merge="record", death="stays", move="stays", erasure="kept")
follows(UnmatchedRow, merge="record", death="stays", move="stays", erasure=empties())
