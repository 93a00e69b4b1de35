"""The life of a delivery."""

from enum import StrEnum

from songbai.core.worded import Worded


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    RECEIVED = "received"
    CHECKED = "checked"
    WRITTEN = "written"
    REFUSED = "refused"


TRANSITIONS = frozenset(
    {
        (DeliveryState.RECEIVED, DeliveryState.CHECKED),
        (DeliveryState.RECEIVED, DeliveryState.REFUSED),
        (DeliveryState.CHECKED, DeliveryState.WRITTEN),
        (DeliveryState.CHECKED, DeliveryState.REFUSED),
    }
)


class Way(Worded):
    """How a delivery came."""

    FILE = "file", "命令导入"
    FOLDER = "folder", "文件夹"
    API = "api", "接口推送"
    UPLOAD = "upload", "页面上传"


class UnmatchedState(StrEnum):
    """What became of a row whose person was not found."""

    OPEN = "open"
    MATCHED = "matched"
    DISMISSED = "dismissed"


class UnmatchedWhy(Worded):
    """Why a row has no person."""

    UNKNOWN = "unknown", "名册里没有这个人"
    DOUBTFUL = "doubtful", "像名册里的人，拿不准"
    OTHER_NAME = "other_name", "身份证号对得上，姓名对不上"
    ELSEWHERE = "elsewhere", "老人不在这份数据的地区"
