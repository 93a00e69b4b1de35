"""Waiting for one's turn, where a constraint alone would let two at once wait for each other."""

import zlib
from collections.abc import Iterable

from songbai.core.sql import called


def wait_for(names: Iterable[str]) -> None:
    """Wait until nobody else decides about these things, and keep them until the transaction ends.

    Everybody takes them in the same order, so nobody waits in a circle.
    """
    for number in sorted({zlib.crc32(name.encode()) for name in names}):
        called("pg_advisory_xact_lock", number)
