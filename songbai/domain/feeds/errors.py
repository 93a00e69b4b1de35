"""What can be wrong with a delivery as a whole, said to the one who sent it."""

from songbai.core.errors import NotFound, Refused


class UnknownFeed(NotFound):
    """没有这种数据。数据种类和格式见“数据交换”文档。"""


class UnknownDelivery(NotFound):
    """没有找到这一批数据，可能不在您能看的范围里。"""


class ColumnsMissing(Refused):
    """缺少必填列。请对照格式说明补上，再交一次。"""

    field = "file"


class AlreadySettled(Refused):
    """这一条已经有人处理过了，请刷新看结果。"""


class WrongDate(Refused):
    """数据日期在今天以后，请核对。"""

    field = "as_of"


class SameNumber(Refused):
    """这个送达编号已经用过，内容却不一样。请换一个编号再送。"""


class WrongSignature(Refused):
    """签名不对、过期，或这个随机数已经用过。请核对密钥和本机时间后重新签名。"""
