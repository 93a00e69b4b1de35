"""One works, one waits, nobody else does."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from songbai.core.errors import TryAgain
from songbai.core.one_at_a_time import OneAtATime


def test_one_works_one_waits_and_the_third_is_told_at_once() -> None:
    turn, waits = OneAtATime(), threading.Event()

    def second() -> bool:
        with turn:
            return waits.is_set()

    with ThreadPoolExecutor() as people:
        with turn:
            waiting = people.submit(second)
            while turn._room._value:
                pass
            with pytest.raises(TryAgain), turn:
                pass
            waits.set()
        assert waiting.result(10)
    with turn:
        pass
