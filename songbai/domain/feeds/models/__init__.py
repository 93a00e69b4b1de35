from .delivery import Delivery, Feed, Piece, RawPart, RefusedRow
from .door import FeedKey, Nonce
from .row import SourceRow, UnmatchedRow
