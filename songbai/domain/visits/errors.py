"""What cannot be done at the door, in words for whoever tries."""

from songbai.core.errors import Refused

from .rules import Doubt


class WrongElder(Refused):
    """这个码不是这位老人的。请核对门牌和姓名，再扫一次；走错了门请看路线。"""

    field = "code"


class ReasonNeeded(Refused):
    """请写明原因，至少 4 个字。写了就能继续，记录会交给机构核对。"""

    field = "reason"

    def __init__(self, doubts: list[Doubt], detail: str = "") -> None:
        self.doubts = doubts
        words = "、".join(doubt.words for doubt in doubts)
        super().__init__(f"{words}{detail}。请写明原因（至少 4 个字），写了就能继续。")


class StillElsewhere(ReasonNeeded):
    """您在另一家还没签退。先到那一单签退；签退不了就写明原因，至少 4 个字。"""

    def __init__(self, elsewhere: str) -> None:
        self.doubts = [Doubt.OVERLAP]
        words = f"您{elsewhere}。先到那一单签退；签退不了就写明原因（至少 4 个字），写了就能继续。"
        Refused.__init__(self, words)


class WhereMissing(Refused):
    """离约的时间还早，请选您在哪里：在老人家，还是电话里听说的。"""

    field = "where"


class NotDueYet(Refused):
    """还没到上门的日子，不能签到。请看今天的路线。"""


class ImpossibleValue(Refused):
    """这个数不对，请再量一次。"""

    field = "value"
