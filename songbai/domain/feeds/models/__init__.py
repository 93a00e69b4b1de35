from .delivery import Delivery, Feed, Piece, RawPart, RefusedRow
from .door import FeedKey, Nonce
from .row import SourceRow, UnmatchedRow

__all__ = [
    "Delivery",
    "Feed",
    "FeedKey",
    "Nonce",
    "Piece",
    "RawPart",
    "RefusedRow",
    "SourceRow",
    "UnmatchedRow",
]
