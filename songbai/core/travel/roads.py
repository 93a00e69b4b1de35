"""Asking a server that knows the roads, in blocks it accepts; estimating when it is silent."""

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

import httpx
import numpy as np
import structlog

from songbai.core.geo import Mode, Place

from .memory import UNKNOWN, Memory
from .rules import Minutes, Travel

_log = structlog.get_logger()

#: Seconds of a block of ways; None where the server knows no way.
Seconds = list[list[float | None]]
#: A server that did not answer is left alone for so many seconds.
PAUSE = 30.0


class Unanswered(Exception):
    """The road server was silent, refused, or said something that cannot be read."""


class RoadServer(ABC):
    """A road server behind HTTP, with what it said remembered.

    A way it does not know, and any way while it is away, is estimated; only its answers are
    remembered. ``block`` is how many starts and how many ends go into one question.
    """

    block = 50

    def __init__(self, address: str, estimate: Travel) -> None:
        self.client = httpx.Client(base_url=address, timeout=5)
        self.estimate = estimate
        self.memory = Memory()
        self._quiet_until = 0.0

    @abstractmethod
    def seconds(self, starts: Sequence[Place], ends: Sequence[Place], mode: Mode) -> Seconds:
        """Seconds of every way of one block. Raises Unanswered."""

    def minutes(self, start: Place, end: Place, mode: Mode) -> int:
        """Minutes by road of one way."""
        return int(self.matrix([start], [end], mode)[0, 0])

    def matrix(self, starts: Sequence[Place], ends: Sequence[Place], mode: Mode) -> Minutes:
        """Minutes by road of every way, shape (starts, ends); only unknown ways are asked."""
        known = self.memory.recall(starts, ends, mode)
        missing = known == UNKNOWN
        if missing.any() and time.monotonic() >= self._quiet_until:
            some = [starts[i] for i in np.flatnonzero(missing.any(axis=1)).tolist()]
            others = [ends[j] for j in np.flatnonzero(missing.any(axis=0)).tolist()]
            try:
                for block in self._blocks(some, others):
                    self._ask(*block, mode)
            except Unanswered as error:
                self._quiet_until = time.monotonic() + PAUSE
                _log.warning("road server of no use, estimating", why=str(error))
            known = self.memory.recall(starts, ends, mode)
        guess = self.estimate.matrix(starts, ends, mode)
        return np.where(known == UNKNOWN, guess, known).astype(np.int32)

    def _blocks(
        self, starts: Sequence[Place], ends: Sequence[Place]
    ) -> Iterator[tuple[Sequence[Place], Sequence[Place]]]:
        for row in range(0, len(starts), self.block):
            for column in range(0, len(ends), self.block):
                yield starts[row : row + self.block], ends[column : column + self.block]

    def _ask(self, starts: Sequence[Place], ends: Sequence[Place], mode: Mode) -> None:
        asked = self.seconds(starts, ends, mode)
        guess = self.estimate.matrix(starts, ends, mode)
        for i, row in enumerate(asked):
            for j, known in enumerate(row):
                if known is not None:
                    guess[i, j] = math.ceil(known / 60)
        self.memory.keep(starts, ends, mode, guess)
