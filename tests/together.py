"""Several people pressing at the same moment, each on a database connection of their own."""

import threading
from collections.abc import Callable

from django.db import connection

#: Longer than any wait for a lock in these tests; a deadlock is reported after one second.
PATIENCE = 20


def together(*acts: Callable[[], object]) -> list[object]:
    """What each act returned, or the exception it raised, in the order given."""
    outcomes: list[object] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(index: int) -> None:
        try:
            connection.ensure_connection()
            start.wait(PATIENCE)
            outcomes[index] = acts[index]()
        except Exception as error:  # noqa: BLE001  # whatever went wrong is the outcome
            outcomes[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    return outcomes


def failures(outcomes: list[object]) -> list[Exception]:
    """The acts that raised."""
    return [outcome for outcome in outcomes if isinstance(outcome, Exception)]
