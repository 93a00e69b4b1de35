"""Work that keeps a processor busy, asked for by pages: one at a time, and few who wait for it."""

import threading

from songbai.core.errors import TryAgain


class OneAtATime:
    """A turn, held by one; one more waits, and all others are told at once to try again.

    Whoever waits does so in one of the threads that answer pages: they must not all wait.
    """

    def __init__(self) -> None:
        self._room, self._turn = threading.Semaphore(2), threading.Lock()

    def __enter__(self) -> None:
        """Raises TryAgain when somebody waits already."""
        if not self._room.acquire(blocking=False):
            raise TryAgain
        self._turn.acquire()

    def __exit__(self, *_: object) -> None:
        self._turn.release()
        self._room.release()
