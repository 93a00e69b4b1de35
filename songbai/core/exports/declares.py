"""What exports add to the house."""

from songbai.core.accounts.registry import act
from songbai.core.events.registry import event

EXPORT = act("export.take", "导出名单")

event("export.taken", "导出名单")
