"""What can be done and by whom, declared by the rooms and closed when the program has started."""

from __future__ import annotations

from typing import Any, Literal

from songbai.core.registry import Registry

#: How a role comes to what it may see: all of a division; what is its organisation's; what was
#: given to the account by name; the people the account stands by at home.
Reaches = Literal["region", "organisation", "name", "person"]


class RoleKind(str):
    """What a person is to the platform; one account may hold several."""

    words: str
    reaches: Reaches

    def __new__(cls, code: str, words: str, reaches: Reaches) -> RoleKind:
        """A role by its code, with the word people use for it."""
        made = super().__new__(cls, code)
        made.words, made.reaches = words, reaches
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return role_of, (str(self),)


class Act(str):
    """One thing a person can do or read; the second half of the code is the verb of the action."""

    words: str

    def __new__(cls, code: str, words: str) -> Act:
        """An act by its code, with the words a person would use for it."""
        made = super().__new__(cls, code)
        made.words = words
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return _acts.__getitem__, (str(self),)


def _missing() -> list[str]:
    return [
        f"{_acts.file_of(one)}: act {one!r} is granted to nobody"
        for one in _acts
        if not _granted[one]
    ]


_roles: Registry[RoleKind] = Registry("role")
_acts: Registry[Act] = Registry("act", _missing)
_granted: dict[str, set[RoleKind]] = {}


def role(code: str, words: str, *, reaches: Reaches) -> RoleKind:
    """Declare a kind of role; stands in the ``declares.py`` of the room that first needs it.

    Raises RuntimeError when it is declared twice or too late.
    """
    return _roles.add(code, RoleKind(code, words, reaches))


def roles() -> list[RoleKind]:
    """Every role of the house."""
    return list(_roles)


def home_roles() -> list[RoleKind]:
    """Roles of those who are not at work: elders and family."""
    return [role for role in _roles if role.reaches == "person"]


def role_words(code: str, otherwise: str) -> str:
    """What people call a role that stands in a log."""
    role = _roles.get(code)
    return role.words if role else otherwise


def role_of(code: str) -> RoleKind:
    """The role of this code.

    Raises KeyError.
    """
    return _roles[code]


def act(code: str, words: str, *roles: RoleKind) -> Act:
    """Declare an act and the roles that may do it; stands in a room's ``declares.py``.

    Raises RuntimeError when it is declared twice or too late.
    """
    made = _acts.add(code, Act(code, words))
    _granted[code] = set(roles)
    return made


def grant(act: Act, *roles: RoleKind) -> None:
    """Let more roles do what an earlier room declared.

    Raises RuntimeError for a role that has it already, and after the start of the program.
    """
    if _acts.closed or _granted[act] & set(roles):
        raise RuntimeError(f"act {act!r} is granted too late or twice")
    _granted[act].update(roles)


def acts() -> list[Act]:
    """Every act of the house."""
    return list(_acts)


def granted(act: Act) -> set[RoleKind]:
    """The roles that may do it."""
    return _granted[act]
