"""What orders add to the house."""

from __future__ import annotations

from songbai.core.accounts.registry import act
from songbai.core.following import empties, follows
from songbai.domain.elders.declares import DISPATCHER, FAMILY, OFFICER
from songbai.domain.providers.declares import PROVIDER

from .models import Order, OrderLine, PayerShare

ORDER_PLACE = act("order.place", "下单", FAMILY, DISPATCHER)
ORDER_READ = act("order.read", "看订单", FAMILY, DISPATCHER, PROVIDER, OFFICER)
ORDER_CANCEL = act("order.cancel", "取消订单", FAMILY, DISPATCHER)
ORDER_CONFIRM = act("order.confirm", "确认服务", FAMILY)
ORDER_SETTLE = act("order.settle", "结算", OFFICER)
STATEMENT_READ = act("statement.read", "看对账单", PROVIDER, OFFICER)

follows(
    Order,
    merge="together",
    death="ends",
    move="stays",
    erasure=empties("note", "comment", "cancel_reason"),
)
follows(OrderLine, merge="together", death="stays", move="stays", erasure="kept")
follows(PayerShare, merge="together", death="held", move="stays", erasure="kept")
