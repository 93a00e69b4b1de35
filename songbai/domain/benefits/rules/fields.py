"""Single fields of a policy file: dates, amounts, percentages, expressions, names of facts."""

import re
from collections.abc import Iterable, Mapping
from datetime import date

from .facts import FactKind, Kind
from .language.parser import YEARS, Fen, Names, fen_of, parse
from .language.tree import Expression
from .located import Located, Mapped, Reader, Word, WrongFile, nearest

#: What may be the name of a criterion, a component or a parameter.
ID = re.compile(r"[a-z][a-z0-9_]*")


class FieldReader(Reader):
    """Reads fields; ``facts`` and ``names`` are what the file may speak of."""

    facts: Mapping[str, FactKind]
    names: Names

    def pattern(self, parent: Mapped, key: str, form: re.Pattern[str], says: str) -> str:
        """A word of a certain form."""
        if key not in parent.items:
            return ""
        found = self.word(parent.items[key], key)
        if not form.fullmatch(found.text) or len(found.text) > 40:
            self.wrong(found, f"{key} 只能用{says}，最多 40 个字，现在是 {found.text!r}。")
        return found.text

    def day(self, parent: Mapped, key: str) -> date | None:
        """A written date."""
        if key not in parent.items:
            return None
        found = self.word(parent.items[key], key)
        try:
            day = date.fromisoformat(found.text if len(found.text) == 10 else "")
        except ValueError:
            day = None
        if day is None or day.year not in YEARS:
            self.wrong(found, f"{key} 要写日期，如 2026-01-01，现在是 {found.text!r}。")
        return day

    def money(self, parent: Mapped, key: str) -> int:
        """An amount in fen: ``10元`` or the name of a parameter that is money."""
        found = self.word(parent.items[key], key)
        given = self.names.parameters.get(found.text)
        if isinstance(given, Fen):
            return int(given)
        try:
            return fen_of(found.text)
        except ValueError:
            self.wrong(found, f"{key} 要写金额，如 10元 或 12.50元，现在是 {found.text!r}。")
            return 0

    def percent(self, parent: Mapped, key: str, most: int) -> int:
        """A percentage in hundredths of a percent, at most so many percent."""
        found = self.word(parent.items[key], key)
        match = re.fullmatch(r"(\d{1,3})(?:\.(\d{1,2}))?%", found.text, re.ASCII)
        value = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0")) if match else 0
        if not match or not 0 < value <= most * 100:
            text = f"{key} 要写百分比，如 50%，最多 {most}%，现在是 {found.text!r}。"
            self.wrong(found, text)
        return value

    def expression(self, word: Word) -> Expression | None:
        """An expression where it stands."""
        if "\\" in word.source:
            self.wrong(word, "条件里不能有反斜杠。")
            return None
        try:
            return parse(word.source, self.names, self.file, word.start)
        except WrongFile as error:
            self.problems += error.problems
            return None

    def fact(self, node: Located, what: str, kinds: set[Kind]) -> FactKind | None:
        """The name of a fact of certain kinds."""
        word = self.word(node, what)
        kind = self.facts.get(word.text)
        if kind is None:
            self.wrong(word, f"没有叫 {word.text} 的情况。{nearest(word.text, list(self.facts))}")
        elif kind.kind not in kinds or kind.derived_from:
            self.wrong(
                word,
                f"{what} 不能用 {word.text}，它不是{'数' if Kind.WHOLE in kinds else '金额'}。",
            )
            return None
        return kind

    def unique(self, at: Located, ids: Iterable[str]) -> None:
        """Ids are used once; amount and stacking are taken."""
        seen: set[str] = set()
        for key in ids:
            if key in seen:
                self.wrong(at, f"id {key} 用了两次或是保留的词，请换一个。")
            seen.add(key)
