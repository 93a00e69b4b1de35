"""What forgetting means, registered by the rooms and closed when the program has started."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

#: Forgets what is older than a moment; returns how many things.
Forget = Callable[[datetime], int]
_forgets: dict[str, Forget] = {}
_closed = False


def retained(code: str) -> Callable[[Forget], Forget]:
    """Decorator: this is how what rule ``code`` speaks of is forgotten.

    Stands in a room's ``retention.py``. Raises RuntimeError when it comes twice or too late.
    """

    def register(forget: Forget) -> Forget:
        if _closed or code in _forgets:
            raise RuntimeError(f"retention of {code!r} comes too late or twice")
        _forgets[code] = forget
        return forget

    return register


def close() -> None:
    """From now on nothing can be added."""
    global _closed
    _closed = True


def forget_of(code: str) -> Forget | None:
    """How to forget what a rule speaks of; None where nothing has to be done."""
    return _forgets.get(code)


def codes() -> set[str]:
    """Codes with a function."""
    return set(_forgets)
