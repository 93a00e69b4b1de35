"""Ways into the middle of paying: a cycle approved, its file with the bank, answered."""

from songbai.core.accounts.rules import SYSTEM
from songbai.core.approvals.actions import vote
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.rules import Verdict
from songbai.core.events.models import Event
from songbai.core.ledger.queries import balance
from songbai.domain.benefits.actions.paying import ask_account, pay, start, take_answers
from songbai.domain.benefits.bank import RecordingBank
from songbai.domain.benefits.models import Cycle, Payment, PaymentBatch
from songbai.domain.benefits.tasks import tell_corrected_account
from tests.cast import Cast, acting, make_elder

from .cycles import LONGEVITY, another_officer, approved, run_month, say, tongliang_people

MONTH = "2026-06"


def ready(cast: Cast, month: str = MONTH, policy: str = LONGEVITY) -> Cycle:
    """A cycle two other people approved; the officer may let it be paid."""
    tongliang_people(cast)
    return another(cast, month, policy)


def another(cast: Cast, month: str, policy: str = LONGEVITY) -> Cycle:
    """The cycle of another month, approved."""
    cycle = run_month(month, policy)[policy]
    return approved(cast.officer, another_officer(), cycle)


def started(cast: Cast, cycle: Cycle) -> Cycle:
    """The officer has let it be paid."""
    with acting(cast.officer):
        start(cast.officer, cycle)
    return cycle


def with_the_bank(cast: Cast, bank: RecordingBank, month: str = MONTH) -> PaymentBatch:
    """The first file of a month's cycle is with the bank."""
    cycle = pay(SYSTEM, bank, started(cast, ready(cast, month)).pk)
    return PaymentBatch.objects.get(cycle=cycle)


def answered(bank: RecordingBank, batch: PaymentBatch, failing: dict[int, str]) -> None:
    """The bank has answered a file, and we have read it."""
    bank.answer(f"pay-{batch.reference}.csv", failing)
    take_answers(SYSTEM, bank)
    batch.refresh_from_db()


def other_account(cast: Cast, payment: Payment, account: str) -> None:
    """The officer asked for another account, and a colleague agreed."""
    with acting(cast.officer):
        asked = ask_account(cast.officer, payment.pk, account, "本人带社保卡到窗口")
    agreed(asked)


def agreed(asked: Proposal) -> None:
    """A colleague agrees to what somebody asked for, and the person is told."""
    colleague = another_officer()
    with acting(colleague):
        vote(colleague, asked.pk, Verdict.YES)
    tell_corrected_account(Event.objects.filter(kind="proposal.approved").latest("pk").pk)


def crowd(count: int, month: str = MONTH) -> None:
    """More old people with an account each."""
    for number in range(count):
        elder = make_elder(f"老{chr(0x4E00 + number)}", 2000 + number)
        say(elder, "gongan", "hukou", elder.region_id)
        say(elder, "renshe", "bank_card", f"6217000000{number:04d}")


def books(month: str = MONTH) -> dict[str, int]:
    """Fen on the accounts a cycle of Tongliang's longevity allowance moves."""
    return {
        "fund": balance(f"fund:500151:benefit:{LONGEVITY}:{month}"),
        "bank": balance("bank:500151:sent"),
        "paid": balance(f"paid:500151:benefit:{LONGEVITY}:{month}"),
    }
