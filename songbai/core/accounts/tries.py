"""How often something may be tried, by whom, before it has to wait; the owner's function counts.

What is tried and where from are kept as keyed digests: nobody reads a number or an address there.
"""

from dataclasses import dataclass

from songbai.core.crypto import blind_index
from songbai.core.errors import Refused
from songbai.core.signing import asked


class TooManyTries(Refused):
    """试的次数太多，请过一分钟再试，急用请拨 12349。"""


@dataclass(frozen=True)
class Limit:
    """``free`` tries in ``window`` seconds, then a wait that doubles from ``step`` to ``cap``."""

    free: int
    step: int
    cap: int
    window: int


#: Wrong passwords or codes for one account from one place.
OF_ONE = Limit(free=5, step=1, cap=60, window=3600)
#: Passwords from one place, whoever's: each costs a tenth of a second of a processor.
OF_A_PLACE = Limit(free=60, step=10, cap=300, window=3600)


def take(limit: Limit, what: str, source: str) -> None:
    """Count a try, unless it has to wait.

    Raises TooManyTries.
    """
    counted = limit.free, limit.step, limit.cap, limit.window
    minutes = -(-asked("accounts_take", *_keys(what, source), *counted) // 60)
    if minutes > 1:
        raise TooManyTries(f"试的次数太多，请过 {minutes} 分钟再试，急用请拨 12349。")
    if minutes:
        raise TooManyTries


def forget(what: str, source: str) -> None:
    """It went well: the tries before do not count."""
    asked("accounts_forget", *_keys(what, source))


def _keys(what: str, source: str) -> list[bytes]:
    return [blind_index(f"what:{what}"), blind_index(f"from:{source}")]
