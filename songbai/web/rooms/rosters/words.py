"""What the pages of village registers say."""

from __future__ import annotations

from typing import Any

from songbai.domain.elders.rules.kinds import kinds
from songbai.domain.feeds.actions.receiving import schema_of
from songbai.domain.rosters.queries import Mapped
from songbai.domain.rosters.rules import FEED, GUESS_WORDS, Guessed


def column_choices() -> list[tuple[str, str]]:
    """What a column can be, required ones marked."""
    return [
        (column.name, f"{column.title}（必填）" if column.required else column.title)
        for column in schema_of(FEED).columns
    ]


def guess_words(one: Mapped) -> str:
    """Why the column is chosen; a choice by hand says so."""
    if one.chosen != one.guess.column:
        return "您选的"
    why = one.guess.why
    if why is Guessed.REMEMBERED and not one.chosen:
        return "上次没有用这一列"
    return GUESS_WORDS[why]


def change_words(change: dict[str, Any]) -> str:
    """居住情况：空巢 → 独居; a secret only says that it changes."""
    kind = kinds().get(change["kind"])
    name = kind.name if kind else change["kind"]
    if change["secret"]:
        return f"{name}有变"
    codes = dict(getattr(kind, "codes", None) or {})
    words = [codes.get(value, value) or "没有" for value in (change["before"], change["after"])]
    return f"{name}：{words[0]} → {words[1]}"
