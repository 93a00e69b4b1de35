"""A process that pays is killed at every stage: the next goes on, and nothing is paid twice."""

import signal
from pathlib import Path

import pytest

from songbai.core.accounts.rules import SYSTEM
from songbai.core.ledger.queries import total
from songbai.domain.benefits.actions.paying import pay, take_answers
from songbai.domain.benefits.bank import FolderBank
from songbai.domain.benefits.bank.format import (
    PAID,
    Result,
    ResultFile,
    read_payments,
    write_results,
)
from songbai.domain.benefits.models import BankAnswer, Cycle, Payment, PaymentBatch, PaymentLine
from songbai.domain.benefits.rules.cycle import State
from songbai.domain.benefits.rules.paying import PaymentState
from tests.cast import Cast
from tests.children import child

from .payments import books, ready, started

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

_CHILD = """
import os, signal, sys, django
django.setup()
from pathlib import Path
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.benefits.actions.paying import answers, running
from songbai.domain.benefits.bank import FolderBank
stage, cycle, folder = sys.argv[1:]
bank = FolderBank(Path(folder))

def die_after(holder, name):
    act = getattr(holder, name)
    def dying(*values, **more):
        act(*values, **more)
        os.kill(os.getpid(), signal.SIGKILL)
    setattr(holder, name, dying)

holder = {"written": bank, "answered": answers, "used": answers}.get(stage, running)
steps = {"written": "send", "answered": "_write", "used": "take_answer"}
die_after(holder, steps.get(stage, stage))
if holder is answers:
    answers.take_answers(SYSTEM, bank)
else:
    running.pay(SYSTEM, bank, int(cycle))
"""


def killed(stage: str, cycle: Cycle, folder: Path) -> None:
    """Another process pays, or reads the answers, and dies right after one step."""
    paying = child(_CHILD, stage, cycle.pk, folder)
    _, said = paying.communicate()
    assert paying.returncode == -signal.SIGKILL, said.decode()


def put_answer(folder: Path) -> None:
    """The bank answers the one file it was given."""
    [path] = (folder / "to-bank").iterdir()
    sent = read_payments(path.read_bytes())
    results = tuple(Result(line.number, line.fen, PAID) for line in sent.lines)
    file = ResultFile(sent.reference, "1", results)
    (folder / "from-bank" / "result.csv").write_bytes(write_results(file))


@pytest.mark.parametrize("stage", ["make_payments", "build", "written", "send"])
def test_killed_on_the_way_to_the_bank(cast: Cast, tmp_path: Path, stage: str) -> None:
    cycle = started(cast, ready(cast))
    killed(stage, cycle, tmp_path)
    bank = FolderBank(tmp_path)
    before = {path.name: path.read_bytes() for path in (tmp_path / "to-bank").iterdir()}
    pay(SYSTEM, bank, cycle.pk)
    pay(SYSTEM, bank, cycle.pk)
    after = {path.name: path.read_bytes() for path in (tmp_path / "to-bank").iterdir()}
    assert len(after) == PaymentBatch.objects.count() == 1
    assert not before or before == after  # what the bank has may already be paid: the very same
    assert Payment.objects.count() == PaymentLine.objects.count() == 2
    assert books() == {"fund": -2_000, "bank": 2_000, "paid": 0}
    end(cycle, tmp_path)


@pytest.mark.parametrize("stage", ["answered", "used"])
def test_killed_while_reading_the_answer(cast: Cast, tmp_path: Path, stage: str) -> None:
    cycle = started(cast, ready(cast))
    pay(SYSTEM, FolderBank(tmp_path), cycle.pk)
    put_answer(tmp_path)
    killed(stage, cycle, tmp_path)
    assert BankAnswer.objects.count() == (stage == "used")
    assert (tmp_path / "from-bank" / "result.csv").exists()
    end(cycle, tmp_path)


def end(cycle: Cycle, folder: Path) -> None:
    """However it came here, the answer is used once and the books are closed."""
    put_answer(folder)
    take_answers(SYSTEM, FolderBank(folder))
    cycle.refresh_from_db()
    assert cycle.state == State.CLOSED
    assert set(Payment.objects.values_list("state", flat=True)) == {PaymentState.PAID}
    assert BankAnswer.objects.count() == 1
    assert books() == {"fund": -2_000, "bank": 0, "paid": 2_000}
    assert total() == 0
    assert [p.name for p in (folder / "from-bank" / "done").iterdir()] == ["result.csv"]
