"""What stands in the files a bank gets and gives: comma-separated, UTF-8, one record a line.

A file begins with one ``H`` line, holds ``D`` lines, and ends with one ``T`` line of totals and the
SM3 digest of every byte before it. Money is whole fen. See ``docs/pay-benefits.md``. Pure.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes

FORMAT = "songbai-bank/1"
PAY, RESULT = "PAY", "RESULT"
PAID = "0000"
#: Codes of results; every other code is one we do not know.
REASONS = {
    "E001": "账号不存在",
    "E002": "户名和账号不符",
    "E003": "账户已销户",
    "E004": "账户被冻结或止付",
    "E005": "账户长期不动，已转睡眠户",
    "E006": "超过账户限额",
    "E099": "银行没有说明原因",
}


#: Why money comes back that was booked; an account that took it does exist.
GIVEN_BACK = REASONS.keys() - {"E001"}


class WrongBankFile(ValueError):
    """A file that cannot be used; the message says at which line and why, in Chinese."""


@dataclass(frozen=True)
class Line:
    """One payment: number in the file, holder, account, fen, what the statement will say."""

    number: int
    name: str
    account: str
    fen: int
    memo: str


@dataclass(frozen=True)
class PaymentFile:
    """A whole payment file. ``reference`` names it; ``made`` is a date ``YYYYMMDD``."""

    reference: str
    payer: str
    made: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Result:
    """What became of one payment: ``PAID`` or a code of ``REASONS``. ``at`` is its line."""

    number: int
    fen: int
    code: str
    at: int = 0


@dataclass(frozen=True)
class ResultFile:
    """A whole file of results; one payment file may be answered in several."""

    reference: str
    serial: str
    results: tuple[Result, ...]


def write_payments(file: PaymentFile) -> bytes:
    """The bytes of a payment file; the same file is the same bytes."""
    head = ["H", FORMAT, PAY, file.reference, file.payer, file.made]
    body = [
        ["D", one.number, _on_one_line(one.name), one.account, one.fen, _on_one_line(one.memo)]
        for one in file.lines
    ]
    return _sealed([head, *body], [len(file.lines), sum(one.fen for one in file.lines)])


def write_results(file: ResultFile) -> bytes:
    """The bytes of a file of results, as a bank writes them."""
    head = ["H", FORMAT, RESULT, file.reference, file.serial]
    body = [["D", one.number, one.fen, one.code] for one in file.results]
    return _sealed([head, *body], _totals(file.results))


def read_payments(content: bytes) -> PaymentFile:
    """A payment file, as a bank reads it. Raises WrongBankFile."""
    rows = _opened(content, PAY, 6, 6, 4)
    lines = tuple(
        Line(_whole(at, row[1]), row[2], row[3], _whole(at, row[4]), row[5])
        for at, row in enumerate(rows[1:-1], 2)
    )
    _agree(len(rows), rows[-1][1:-1], [len(lines), sum(line.fen for line in lines)])
    head = rows[0]
    return PaymentFile(head[3], head[4], head[5], lines)


def read_results(content: bytes) -> ResultFile:
    """A file of results: structure, totals and digest checked. Raises WrongBankFile."""
    rows = _opened(content, RESULT, 5, 4, 6)
    results = tuple(
        Result(_whole(at, row[1]), _whole(at, row[2]), row[3], at)
        for at, row in enumerate(rows[1:-1], 2)
    )
    _agree(len(rows), rows[-1][1:-1], _totals(results))
    return ResultFile(rows[0][3], rows[0][4], results)


def digest(content: bytes) -> str:
    """SM3 in hex."""
    made = hashes.Hash(hashes.SM3())
    made.update(content)
    return made.finalize().hex()


def _totals(results: Sequence[Result]) -> list[int]:
    """Lines, and how many were paid, how much, how many failed, how much."""
    paid = [one.fen for one in results if one.code == PAID]
    failed = [one.fen for one in results if one.code != PAID]
    return [len(paid), sum(paid), len(failed), sum(failed)]


def _sealed(rows: Iterable[Sequence[object]], totals: Sequence[int]) -> bytes:
    body = _text(rows)
    return body + _text([["T", *totals, digest(body)]])


def _on_one_line(text: str) -> str:
    return " ".join(text.splitlines())


def _text(rows: Iterable[Sequence[object]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def _opened(content: bytes, kind: str, head: int, body: int, tail: int) -> list[list[str]]:
    """All rows, with the frame checked: kinds and lengths of rows, and the digest."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise WrongBankFile("文件不是 UTF-8 编码。") from error
    rows = list(csv.reader(io.StringIO(text, newline="")))
    if len(rows) < 2 or not rows[0] or rows[0][:3] != ["H", FORMAT, kind]:
        raise WrongBankFile(f"第 1 行：应当是 H,{FORMAT},{kind} 开头。")
    wanted = [("H", head), *[("D", body)] * (len(rows) - 2), ("T", tail)]
    for at, (row, (mark, length)) in enumerate(zip(rows, wanted, strict=True), 1):
        if not row or row[0] != mark or len(row) != length:
            raise WrongBankFile(f"第 {at} 行：应当以 {mark} 开头，有 {length} 栏。")
    if content.count(b"\n") != len(rows) or not content.endswith(b"\n"):
        raise WrongBankFile("每条记录占一行，以换行结束。")
    before = content[: content.rstrip(b"\n").rindex(b"\n") + 1]
    if rows[-1][-1] != digest(before):
        raise WrongBankFile(f"第 {len(rows)} 行：摘要不对，文件改动过或没有传完。")
    return rows


def _agree(at: int, said: Sequence[str], counted: Sequence[int]) -> None:
    if [_whole(at, one) for one in said] != list(counted):
        told, found = "、".join(said), "、".join(str(one) for one in counted)
        raise WrongBankFile(f"第 {at} 行：合计是 {told}，按明细算是 {found}。")


def _whole(at: int, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise WrongBankFile(f"第 {at} 行：“{text[:20]}”不是整数。")
    return int(text)
