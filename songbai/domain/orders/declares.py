"""What orders add to the house."""

from __future__ import annotations

from songbai.core.following import empties, follows

from .models import Order, OrderLine, PayerShare

follows(
    Order,
    merge="together",
    death="ends",
    move="stays",
    erasure=empties("note", "comment", "cancel_reason"),
)
follows(OrderLine, merge="together", death="stays", move="stays", erasure="kept")
follows(PayerShare, merge="together", death="held", move="stays", erasure="kept")
