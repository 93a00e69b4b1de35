"""Which encoding a text file is in: told by its mark, else by what its bytes can be."""

import codecs
import unicodedata
from typing import BinaryIO, Final

from songbai.core.sheets.refusals import NotASheet, WrongEncoding

_SAMPLE: Final = 256 << 10
_PIECE: Final = 4 << 20
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(stream: BinaryIO, *, whole: bool = True) -> str:
    """The name of the encoding (a Python codec); the stream stands at its beginning again.

    UTF-8 is checked to the end (``whole``), because a file glued from two may begin well.
    Everything else Chinese is GB18030, which holds GBK and GB2312. Raises WrongEncoding, NotASheet.
    """
    head = stream.read(_SAMPLE)
    stream.seek(0)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if wide := _wide_without_mark(head):
        return wide
    if b"\0" in head:
        raise NotASheet("这不是文字表格，里面有读不出的内容。请交 .xlsx、.xls、.ods、.csv 文件。")
    if head.isascii() and (not whole or _all_ascii(stream)):
        return "utf-8"
    wrong_at = _first_not_utf8(stream, whole=whole)
    if wrong_at is None:
        return "gb18030" if _only_looks_like_utf8(head) else "utf-8"
    text = _as_gb18030(head)
    if text is not None and _reads_chinese(text):
        return "gb18030"
    if wrong_at > 0 and _begins_chinese(stream, wrong_at):
        line = _line_of(stream, wrong_at)
        raise WrongEncoding(
            f"文件前面是 UTF-8，第 {line} 行起夹着别的编码，像是两个文件拼起来的。"
            "请用 Excel 或 WPS 打开检查，另存为 .xlsx 再交。"
        )
    raise WrongEncoding


def _wide_without_mark(head: bytes) -> str:
    """UTF-16 without its mark: every second byte of the ASCII in it is zero."""
    pairs = len(head) // 2
    if pairs < 4:
        return ""
    even, odd = head[0 : 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)
    if odd > pairs // 10 and even * 10 < odd:
        return "utf-16-le"
    if even > pairs // 10 and odd * 10 < even:
        return "utf-16-be"
    return ""


def _all_ascii(stream: BinaryIO) -> bool:
    try:
        return all(piece.isascii() for piece in iter(lambda: stream.read(_PIECE), b""))
    finally:
        stream.seek(0)


def _first_not_utf8(stream: BinaryIO, *, whole: bool) -> int | None:
    """Where the first byte stands that cannot be UTF-8; None if there is none."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    passed = 0
    try:
        while piece := stream.read(_PIECE):
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(piece)
            except UnicodeDecodeError as error:
                return passed - pending + error.start
            passed += len(piece)
            if not whole:
                return None
        return passed if decoder.getstate()[0] else None
    finally:
        stream.seek(0)


def _as_gb18030(head: bytes) -> str | None:
    """The sample read as GB18030; a character cut at the end of the sample does not count."""
    try:
        return codecs.getincrementaldecoder("gb18030")().decode(head)
    except UnicodeDecodeError:
        return None


def _reads_chinese(text: str) -> bool:
    """Whether most of what is not ASCII is common Chinese; Big5 read as GB18030 is not."""
    odd = [char for char in text if not char.isascii()]
    common = sum(1 for char in odd if _in_gb2312(char))
    return bool(odd) and common >= 0.7 * len(odd)


def _in_gb2312(char: str) -> bool:
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _only_looks_like_utf8(head: bytes) -> bool:
    """A few GBK characters may happen to be valid UTF-8 (联通); then they read as other letters."""
    text = head.decode("utf-8", "ignore")
    odd = [char for char in text if not char.isascii()]
    if any("CJK" in unicodedata.name(char, "") for char in odd):
        return False
    other = _as_gb18030(head)
    return other is not None and all(char.isascii() or _in_gb2312(char) for char in other)


def _begins_chinese(stream: BinaryIO, end: int) -> bool:
    head = stream.read(min(end, _SAMPLE)).decode("utf-8", "ignore")
    stream.seek(0)
    return any("一" <= char <= "鿿" for char in head)


def _line_of(stream: BinaryIO, position: int) -> int:
    line, left = 1, position
    while left > 0 and (piece := stream.read(min(_PIECE, left))):
        line += piece.count(b"\n")
        left -= len(piece)
    stream.seek(0)
    return line
