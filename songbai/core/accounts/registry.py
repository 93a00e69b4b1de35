"""What can be done and by whom, declared by the rooms and closed when the program has started."""

from __future__ import annotations

from songbai.core.registry import Registry


class Act(str):
    """One thing a person can do or read; the second half of the code is the verb of the action."""

    words: str

    def __new__(cls, code: str, words: str) -> Act:
        """An act by its code, with the words a person would use for it."""
        made = super().__new__(cls, code)
        made.words = words
        return made


def _missing() -> list[str]:
    return [
        f"{_acts.file_of(one)}: act {one!r} is granted to nobody"
        for one in _acts
        if not _granted[one]
    ]


_acts: Registry[Act] = Registry("act", _missing)
_granted: dict[str, set[str]] = {}


def act(code: str, words: str, *roles: str) -> Act:
    """Declare an act and the roles that may do it; stands in a room's ``declares.py``.

    Raises RuntimeError when it is declared twice or too late.
    """
    made = _acts.add(code, Act(code, words))
    _granted[code] = set(roles)
    return made


def grant(act: Act, *roles: str) -> None:
    """Let more roles do what an earlier room declared.

    Raises RuntimeError for a role that has it already, and after the start of the program.
    """
    if _acts.closed or _granted[act] & set(roles):
        raise RuntimeError(f"act {act!r} is granted too late or twice")
    _granted[act].update(roles)


def acts() -> list[Act]:
    """Every act of the house."""
    return list(_acts)


def granted(act: str) -> set[str]:
    """The roles that may do it."""
    return _granted[act]
