"""Words of an expression, each with line and column."""

import re
from dataclasses import dataclass

from ..located import Problem, WrongFile

KEYWORDS = {"and", "or", "not", "in", "true", "false", "granted"}
#: Longest expression, in words.
MOST = 400
_WORDS = re.compile(
    r"""(?P<space>\s+)
      | (?P<date>\d{4}-\d{2}-\d{2}(?![\d-]))
      | (?P<money>\d+(?:\.\d{1,2})?\s?元)
      | (?P<number>\d+(?![\w.]))
      | (?P<string>"[^"\n]*")
      | (?P<name>[a-z][a-z0-9_]*)
      | (?P<sign>>=|<=|==|!=|[<>()\[\],+-])""",
    re.VERBOSE | re.ASCII,
)
_HINTS = {
    "=": "比较是否相等要写 ==。",
    "≥": "要写 >=。",
    "≤": "要写 <=。",
    "≠": "要写 !=。",
    "！": "要写 not 或 !=。",
    "!": "要写 not 或 !=。",
    "（": "括号要用英文的 ( )。",
    "）": "括号要用英文的 ( )。",
    "，": "逗号要用英文的 ,。",
    "“": '引号要用英文的 "。',
    "”": '引号要用英文的 "。',
    "'": '地区编码要用双引号 "。',
    "&": "两个条件都要满足写 and。",
    "|": "满足一个就行写 or。",
}


@dataclass(frozen=True)
class Token:
    """A word: kind (date, money, number, string, name, keyword, sign, end), text and place."""

    kind: str
    text: str
    line: int
    column: int


def words_of(source: str, file: str, start: tuple[int, int] = (1, 1)) -> list[Token]:
    """The words of an expression that begins at a line and column of a file, and an end.

    Raises WrongFile at the first character that is no word.
    """
    found: list[Token] = []
    at, (line, column) = 0, start
    while at < len(source):
        match = _WORDS.match(source, at)
        if match is None:
            raise WrongFile([Problem(file, line, column, _unknown(source, at))])
        kind, text = str(match.lastgroup), match.group()
        if kind == "name" and text in KEYWORDS:
            kind = "keyword"
        if kind != "space":
            found.append(Token(kind, text, line, column))
        breaks = text.count("\n")
        column = len(text) - text.rfind("\n") if breaks else column + len(text)
        line, at = line + breaks, match.end()
        if len(found) > MOST:
            raise WrongFile([Problem(file, line, column, "条件太长，请拆成几条。")])
    return [*found, Token("end", "", line, column)]


def _unknown(source: str, at: int) -> str:
    character = source[at]
    if character in _HINTS:
        return f"看不懂 {character}，{_HINTS[character]}"
    word = re.match(r"[A-Za-z_]+", source[at:])
    if word and word.group().lower() in KEYWORDS:
        return f"{word.group()} 要写成小写的 {word.group().lower()}。"
    if word:
        return f"看不懂 {word.group()}，名称只用小写字母、数字和下划线。"
    if character.isdigit():
        return "看不懂这个数。金额写 100元 或 12.50元，日期写 2026-06-01，其他只写整数。"
    return f"看不懂 {character}，这里不能用这个字。"
