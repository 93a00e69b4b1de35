"""What of a person's record can be read, declared by the rooms; the log holds the codes."""

from collections.abc import Iterable

from songbai.core.registry import Registry

_fields: Registry[str] = Registry("field of a reading")


def read_field(code: str, words: str) -> None:
    """Declare something whose reading is logged; stands in a room's ``declares.py``.

    Raises RuntimeError when it is declared twice or too late.
    """
    _fields.add(code, words)


def read_fields() -> list[tuple[str, str]]:
    """Everything whose reading is logged: code and words."""
    return list(zip(_fields.names(), _fields, strict=True))


def checked(fields: list[str]) -> list[str]:
    """The fields themselves. Raises ValueError for one that no room declares."""
    if unknown := {field for field in fields if field not in _fields}:
        raise ValueError(f"read_field(…) is missing in a room's declares.py: {sorted(unknown)}")
    return fields


def read_words(fields: Iterable[str]) -> str:
    """The fields of a reading in words, each once. Raises KeyError for a code nobody declared."""
    return "、".join(dict.fromkeys(_fields[name] for name in fields))
