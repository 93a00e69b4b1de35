"""YAML with the place of every word, so that a mistake is reported where it stands.

Scalars stay the text that was typed (``500151`` and ``"500151"`` are the same, ``yes`` is a word);
each field says itself what it wants. Duplicate keys, anchors and several documents are refused.

What is wrong in a file somebody wrote, and where.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

import yaml

from songbai.core.errors import Refused
from songbai.core.yaml_file import LOADER


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake: file, line and column from 1, what is wrong and what to do (Chinese)."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}：{self.message}"


class WrongFile(Refused):
    """文件写得不对，没有使用。"""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))


def nearest(word: str, known: list[str]) -> str:
    """A hint for a mistyped word: ``是不是想写 age？`` or the list of what there is."""
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return f"是不是想写 {close[0]}？"
    return f"可以写：{'、'.join(known[:40])}。" if known else ""


#: A policy file is some pages; anything larger is something else.
LARGEST = 500_000
#: Lists and mappings within each other; the policies we ship have six.
DEEPEST = 30


@dataclass(frozen=True)
class Word:
    """A scalar: its text, the source it was typed as, and where it stands."""

    text: str
    line: int
    column: int
    source: str
    start: tuple[int, int]
    """Line and column of the first character of ``source``."""


@dataclass(frozen=True)
class Listed:
    """A list and where it begins."""

    items: tuple[Located, ...]
    line: int
    column: int


@dataclass(frozen=True)
class Mapped:
    """A mapping and where it begins."""

    items: dict[str, Located]
    keys: dict[str, Word]
    line: int
    column: int


Located = Word | Listed | Mapped


#: Characters that show nothing, or turn what stands beside them round.
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
_MARKUP = re.compile("[<>]")


class Reader:
    """Collects the problems of one file while it is read."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def wrong(self, at: Located, message: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(self.file, at.line, at.column, message))

    def finish(self) -> None:
        """Raises WrongFile when there was a problem."""
        if self.problems:
            raise WrongFile(self.problems)

    def check_keys(self, node: Mapped, needed: set[str], allowed: set[str]) -> bool:
        """Whether a mapping has exactly what it may have; notes what it has not."""
        before = len(self.problems)
        for key in node.items:
            if key not in needed | allowed:
                hint = nearest(key, sorted(needed | allowed))
                self.wrong(node.keys[key], f"这里没有 {key} 这一项。{hint}")
        for key in sorted(needed - node.items.keys()):
            self.wrong(node, f"少了 {key} 这一项，请补上。")
        return len(self.problems) == before

    def mapping(self, node: Located | None, what: str) -> Mapped:
        """The node as a mapping, an empty one after a problem."""
        if isinstance(node, Mapped):
            return node
        if node is not None:
            self.wrong(node, f"{what} 要写成“名称: 值”的几行。")
        return Mapped({}, {}, 1, 1)

    def list_of(self, node: Located | None, what: str) -> tuple[Located, ...]:
        """The node as a list."""
        if isinstance(node, Listed):
            return node.items
        if node is not None:
            self.wrong(node, f"{what} 要写成列表，每项前面一个短横，或写在方括号里。")
        return ()

    def word(self, node: Located | None, what: str) -> Word:
        """The node as one non-empty word."""
        if isinstance(node, Word):
            if not node.text.strip():
                self.wrong(node, f"{what} 不能空着。")
            return node
        if node is not None:
            self.wrong(node, f"{what} 要写成一段文字，不能是列表或几项。")
        return Word("", 1, 1, "", (1, 1))

    def text(self, parent: Mapped, key: str, default: str = "") -> str:
        """The text of a key: what people see of it is all there is."""
        if key not in parent.items:
            return default
        found = self.word(parent.items[key], key)
        text = found.text.strip()
        if _UNSEEN.search(text if key != "note" else text.replace("\n", "")):
            self.wrong(found, f"{key} 里有看不见的字符或换行，请删掉重打。")
        elif key == "name" and _MARKUP.search(text):
            self.wrong(found, f"{key} 里不能有 < 和 >。")
        return text

    def choice(self, parent: Mapped, key: str, known: tuple[str, ...], default: str = "") -> str:
        """A word out of a fixed set."""
        if key not in parent.items:
            return default
        found = self.word(parent.items[key], key)
        if found.text not in known:
            self.wrong(found, f"{key} 不能是 {found.text!r}，可以写：{'、'.join(known)}。")
            return default or known[0]
        return found.text

    def flag(self, parent: Mapped, key: str, default: bool = False) -> bool:
        """true or false."""
        return self.choice(parent, key, ("true", "false"), str(default).lower()) == "true"

    def whole(self, parent: Mapped, key: str, low: int, high: int) -> int:
        """A whole number within bounds."""
        if key not in parent.items:
            return low
        found = self.word(parent.items[key], key)
        if not (found.text.isascii() and found.text.isdigit() and len(found.text) < 10):
            self.wrong(found, f"{key} 要写整数，现在是 {found.text!r}。")
            return low
        if not low <= int(found.text) <= high:
            self.wrong(found, f"{key} 要在 {low} 到 {high} 之间，现在是 {found.text}。")
            return low
        return int(found.text)


@lru_cache(256)
def read_yaml(source: str, file: str) -> Mapped:
    """The top mapping of a file. Raises WrongFile naming line and column."""
    reader = Reader(file)
    top = Word("", 1, 1, "", (1, 1))
    if len(source) > LARGEST:
        reader.wrong(top, f"文件超过 {LARGEST} 个字，不像政策文件。")
        reader.finish()
    try:
        depth = 0
        for event in yaml.parse(source, Loader=LOADER):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                _stop(reader, event, "嵌套太深，不像政策文件。")
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                _stop(reader, event, "不能用 & 和 * 引用，请把内容写全。")
        node: yaml.Node | None = yaml.compose(source, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = f"YAML 写法不对（{error.problem}）。请检查缩进、冒号和引号。"
        raise WrongFile([Problem(file, line, column, message)]) from error
    except yaml.YAMLError as error:
        raise WrongFile([Problem(file, 1, 1, "文件里有不能用的字符。请另存为 UTF-8。")]) from error
    found = _located(node, source, reader) if node else top
    if not isinstance(found, Mapped):
        raise WrongFile([Problem(file, 1, 1, "文件要由“名称: 值”的几行组成。")])
    reader.finish()
    return found


def _stop(reader: Reader, event: yaml.Event, message: str) -> None:
    mark = event.start_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    reader.wrong(Word("", line, column, "", (1, 1)), message)
    reader.finish()


def _located(node: yaml.Node, source: str, reader: Reader) -> Located:
    line, column = node.start_mark.line + 1, node.start_mark.column + 1
    if isinstance(node, yaml.SequenceNode):
        return Listed(tuple(_located(item, source, reader) for item in node.value), line, column)
    if isinstance(node, yaml.MappingNode):
        items: dict[str, Located] = {}
        keys: dict[str, Word] = {}
        for key_node, value_node in node.value:
            key = _located(key_node, source, reader)
            if not isinstance(key, Word):
                reader.wrong(key, "名称要是一个词。")
                continue
            if key.text in items:
                reader.wrong(key, f"{key.text} 写了两次，请删掉一个。")
            items[key.text], keys[key.text] = _located(value_node, source, reader), key
        return Mapped(items, keys, line, column)
    assert isinstance(node, yaml.ScalarNode)  # noqa: S101  (YAML has no fourth kind of node)
    typed = source[node.start_mark.index : node.end_mark.index]
    return Word(node.value, line, column, *_as_typed(typed, node.style, line, column))


def _as_typed(typed: str, style: str | None, line: int, column: int) -> tuple[str, tuple[int, int]]:
    """The source of a scalar without its quotes or block header, and where that begins."""
    if style in {"'", '"'}:
        return typed[1:-1], (line, column + 1)
    if style in {"|", ">"}:
        return typed.partition("\n")[2], (line + 1, 1)
    return typed, (line, column)
