"""Keyed digests of a row's source id and of everything it says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from songbai.core.crypto.bulk import blind_index_many

#: Bytes kept of a source id or of a row's content: they are only compared.
SHORT = 16


def short_digests(texts: Iterable[str]) -> list[bytes]:
    """16-byte keyed digests (HMAC-SM3); blanks and small letters make no difference."""
    return [whole[:SHORT] for whole in blind_index_many(texts)]


def joined(columns: Sequence[Sequence[object]]) -> list[str]:
    """Rows of several columns as one text each; no cleaned cell holds the separator."""
    return ["\0".join(map(_text, row)) for row in zip(*columns, strict=True)]


def _text(value: object) -> str:
    return "" if value is None else str(value)
