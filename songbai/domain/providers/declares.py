"""What providers add to the house."""

from songbai.core.accounts.registry import grant, role
from songbai.core.events.registry import event
from songbai.domain.elders.declares import CORRECTION_ASK

PROVIDER = role("provider", "服务商", reaches="organisation")
CAREGIVER = role("caregiver", "护理员", reaches="name")

grant(CORRECTION_ASK, CAREGIVER)

event("providers.left", "服务商退出")
event("providers.renamed", "服务商登记信息有变")
