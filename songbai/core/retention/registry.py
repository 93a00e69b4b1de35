"""What forgetting means, registered by the rooms and closed when the program has started."""

from collections.abc import Callable
from datetime import datetime

from songbai.core.registry import Registry

#: Forgets what is older than a moment; returns how many things.
Forget = Callable[[datetime], int]
_forgets: Registry[Forget] = Registry("retention of")


def retained(code: str) -> Callable[[Forget], Forget]:
    """Decorator: this is how what rule ``code`` speaks of is forgotten.

    Stands in a room's ``retention.py``. Raises RuntimeError when it comes twice or too late.
    """

    def register(forget: Forget) -> Forget:
        return _forgets.add(code, forget)

    return register


def forget_of(code: str) -> Forget | None:
    """How to forget what a rule speaks of; None where nothing has to be done."""
    return _forgets.get(code)
