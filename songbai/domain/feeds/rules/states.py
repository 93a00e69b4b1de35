"""The life of a delivery."""

from enum import StrEnum


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


class Way(StrEnum):
    """How a delivery came."""

    FILE = "file"
    FOLDER = "folder"
    API = "api"
    UPLOAD = "upload"


WAY_WORDS = {
    Way.FILE: "命令导入",
    Way.FOLDER: "文件夹",
    Way.API: "接口推送",
    Way.UPLOAD: "页面上传",
}


class UnmatchedState(StrEnum):
    """What became of a row whose person was not found."""

    OPEN = "open"
    MATCHED = "matched"
    DISMISSED = "dismissed"


class UnmatchedWhy(StrEnum):
    """Why a row has no person."""

    UNKNOWN = "unknown"
    DOUBTFUL = "doubtful"
    OTHER_NAME = "other_name"
    ELSEWHERE = "elsewhere"


WHY_WORDS = {
    UnmatchedWhy.UNKNOWN: "名册里没有这个人",
    UnmatchedWhy.DOUBTFUL: "像名册里的人，拿不准",
    UnmatchedWhy.OTHER_NAME: "身份证号对得上，姓名对不上",
    UnmatchedWhy.ELSEWHERE: "老人不在这份数据的地区",
}
