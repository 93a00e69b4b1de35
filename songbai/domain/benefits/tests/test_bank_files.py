"""Files for the bank: what is written is read back, what is wrong is refused at its line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songbai.core.errors import TryAgain
from songbai.domain.benefits.bank import FolderBank, RecordingBank
from songbai.domain.benefits.bank.format import (
    PAID,
    REASONS,
    Line,
    PaymentFile,
    Result,
    ResultFile,
    WrongBankFile,
    digest,
    read_payments,
    read_results,
    write_payments,
    write_results,
)

pytestmark = pytest.mark.long

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
LINES = st.builds(
    Line, st.integers(1, 10**6), TEXT, st.from_regex(r"\d{6,19}", fullmatch=True),
    st.integers(1, 10**9), TEXT,
)  # fmt: skip
RESULTS = st.builds(
    Result, st.integers(1, 10**6), st.integers(1, 10**9), st.sampled_from([PAID, *REASONS])
)
TWO = PaymentFile(
    "SB-500151-7-1",
    "500151",
    "20261127",
    (Line(1, "王桂英", "6217001234567890", 1_000, "高龄津贴"), Line(2, '李, "松"', "62", 50, "")),
)
ANSWER = ResultFile("SB-500151-7-1", "8801", (Result(1, 1_000, PAID), Result(2, 50, "E003")))


@given(st.lists(LINES, max_size=8))
def test_what_is_sent_is_what_the_bank_reads(lines: list[Line]) -> None:
    file = PaymentFile("SB-1", "500151", "20261127", tuple(lines))
    assert read_payments(write_payments(file)) == file
    assert write_payments(file) == write_payments(file)


@given(st.lists(RESULTS, max_size=8))
def test_what_the_bank_answers_is_what_is_read(results: list[Result]) -> None:
    file = ResultFile("SB-1", "1", tuple(results))
    found = read_results(write_results(file))
    assert [(r.number, r.fen, r.code) for r in found.results] == [
        (r.number, r.fen, r.code) for r in results
    ]
    assert [r.at for r in found.results] == list(range(2, len(results) + 2))


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=3))
def test_a_file_changed_anywhere_is_refused(place: int, put: bytes) -> None:
    content = write_results(ANSWER)
    place %= len(content)
    changed = content[:place] + put + content[place + len(put) :]
    if changed != content:
        with pytest.raises(WrongBankFile):
            read_results(changed)


def sealed(*rows: str) -> bytes:
    """Rows with a right digest in the last."""
    body = "".join(f"{row}\n" for row in rows[:-1]).encode()
    return body + f"{rows[-1]},{digest(body)}\n".encode()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "第 1 行"),
        (b"\xff\xfe", "UTF-8"),
        (write_payments(TWO), "RESULT"),
        (sealed("H,songbai-bank/1,RESULT,A,1", "D,1,1000,0000", "T,1,999,0,0"), "合计是 1、999"),
        (sealed("H,songbai-bank/1,RESULT,A,1", "D,1,1000,0000", "T,2,1000,0,0"), "第 3 行：合计"),
        (sealed("H,songbai-bank/1,RESULT,A,1", "D,1,10.00,0000", "T,1,1000,0,0"), "第 2 行"),
        (sealed("H,songbai-bank/1,RESULT,A,1", "D,1,-5,0000", "T,1,0,0,0"), "第 2 行"),
        (sealed("H,songbai-bank/1,RESULT,A,1", "D,1,5", "T,1,5,0,0"), "有 4 栏"),
        (write_results(ANSWER)[:-40], "换行"),
        (write_results(ANSWER).rstrip(b"\n"), "换行"),
    ],
)
def test_a_wrong_file_says_where_and_why(content: bytes, says: str) -> None:
    with pytest.raises(WrongBankFile, match=says):
        read_results(content)


def test_the_folder_holds_whole_files_only(tmp_path: Path) -> None:
    bank = FolderBank(tmp_path)
    bank.send("a.csv", b"one")
    bank.send("a.csv", b"one")
    assert [p.name for p in (tmp_path / "to-bank").iterdir()] == ["a.csv"]
    assert (tmp_path / "to-bank" / "a.csv").stat().st_mode & 0o077 == 0
    (tmp_path / "from-bank" / ".half").write_bytes(b"half")
    (tmp_path / "from-bank" / "r.csv").write_bytes(write_results(ANSWER))
    assert [one.name for one in bank.results()] == ["r.csv"]
    bank.keep("r.csv")
    bank.keep("r.csv")
    assert bank.results() == []


def test_a_refused_file_lies_aside_with_the_reason(tmp_path: Path) -> None:
    bank = FolderBank(tmp_path)
    (tmp_path / "from-bank" / "r.csv").write_bytes(b"?")
    bank.refuse("r.csv", "第 1 行：读不懂。")
    assert bank.results() == []
    assert "读不懂" in (tmp_path / "from-bank" / "refused" / "r.csv.txt").read_text("utf-8")


def test_a_folder_that_is_gone_is_tried_again(tmp_path: Path) -> None:
    bank = FolderBank(tmp_path / "gone")
    (tmp_path / "gone").rename(tmp_path / "elsewhere")
    with pytest.raises(TryAgain):
        bank.send("a.csv", b"one")
    with pytest.raises(TryAgain):
        bank.results()


def test_the_double_answers_as_it_is_told() -> None:
    bank = RecordingBank()
    bank.send("pay.csv", write_payments(TWO))
    name = bank.answer("pay.csv", failing={2: "E003"})
    [waiting] = bank.results()
    assert read_results(waiting.content).results == (
        Result(1, 1_000, PAID, 2),
        Result(2, 50, "E003", 3),
    )
    bank.keep(name)
    assert (bank.results(), bank.kept) == ([], [name])
