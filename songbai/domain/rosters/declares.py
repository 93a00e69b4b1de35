"""What rosters add to the house."""

from songbai.core.events.registry import event
from songbai.core.following import empties, follows

from .models import RosterNote

event("rosters.uploaded", "上传村里的名册")
event("rosters.columns_chosen", "认定名册的列")
event("rosters.looked_over", "核对完名册")
event("rosters.confirmed", "确认名册，开始登记")
event("rosters.written", "名册登记完")
event("rosters.discarded", "作废名册")
event("rosters.errors_taken", "取走名册里有问题的行")

follows(RosterNote, merge="carried", death="stays", move="stays", erasure=empties())
