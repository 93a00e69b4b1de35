"""What cannot be done with an order, in words for whoever tries."""

from collections.abc import Collection, Sequence

from songbai.core.errors import Refused

from .models import Order
from .queries import wanted_of, words_of


class BadWindow(Refused):
    """这个时间不能预约。"""

    field = "window"


class PriceChanged(Refused):
    """价格或剩余额度刚刚变了，还没有下单。请看一眼新的金额，再按一次下单。"""

    field = "expected_own"


class DestinationMissing(Refused):
    """这项服务要出门。请选要去的医院。"""

    field = "destination"


class FormUsed(Refused):
    """这张订单已经用来给另一位老人下过单了。请回到服务页重新选。"""


class LikeOrder(Refused):
    """这一天已经订了一次，或那个时间已经有人上门，或老人那天不在家。还要订，请再按一次下单。"""

    field = "again"

    def __init__(
        self, found: Sequence[Order], items: Collection[str] | None = None, absent: str = ""
    ) -> None:
        self.orders, self.absent = list(found), absent
        held = {item for order in self.orders for item in wanted_of(order).items}
        same = items is None or bool(held & set(items))
        self.said = "已经订了一次" if same else "那个时间已经有人上门"
        said = "；".join(words_of(order) for order in self.orders)
        asked = f"{absent}。" if absent else ""
        asked += f"{self.said}：{said}。" if said else ""
        super().__init__(f"{asked}还要再订吗？")


class OrderedOtherwise(LikeOrder):
    """这张单已经下过了，改过的还没有订。"""

    def __init__(self, first: Order) -> None:
        super().__init__([first])
        self.message = f"这张单已经下过了：{words_of(first)}。改过的还没有订。"


class Died(Refused):
    """这位老人已登记去世，不能再下单。如有误，请拨 12349。"""


class TooLate(Refused):
    """这个订单现在不能这样改了。请刷新看最新状态，或拨 12349。"""
