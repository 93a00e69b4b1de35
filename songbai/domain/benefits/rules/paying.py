"""The way of a payment, of its lines in bank files, and of money owed back. Pure."""

from enum import StrEnum

from songbai.core.worded import Worded

#: Most lines of one bank file; a larger cycle is sent in several.
MOST_LINES = 50_000
#: In how many months at most somebody pays back, and how much of a month's benefit may be withheld.
MOST_INSTALMENTS = 60


class PaymentState(Worded):
    """What became of the money one cycle owes one person."""

    READY = "ready", "待发放"
    SENT = "sent", "已交银行"
    PAID = "paid", "已到账"
    FAILED = "failed", "发放失败"
    SUSPENDED = "suspended", "暂停发放"
    NOTHING = "nothing", "扣还后不发"
    CANCELLED = "cancelled", "不再发放"
    HELD = "held", "登记去世或离开本市，先不发"


PAYMENT_TRANSITIONS = (
    (PaymentState.READY, PaymentState.SENT),
    (PaymentState.SENT, PaymentState.PAID),
    (PaymentState.SENT, PaymentState.FAILED),
    # The bank gives money back that it had booked: the account is closed after all.
    (PaymentState.PAID, PaymentState.FAILED),
    (PaymentState.FAILED, PaymentState.SENT),
    (PaymentState.READY, PaymentState.CANCELLED),
    (PaymentState.FAILED, PaymentState.CANCELLED),
    # A death, or that the city was left, reported for an earlier month: nothing goes until somebody
    # decides, or it was none.
    (PaymentState.READY, PaymentState.HELD),
    (PaymentState.FAILED, PaymentState.HELD),
    (PaymentState.HELD, PaymentState.READY),
    (PaymentState.HELD, PaymentState.FAILED),
    (PaymentState.HELD, PaymentState.CANCELLED),
)
PAYMENT_ENDS = {
    PaymentState.SUSPENDED: "once resumed it is paid as arrears of a later list",
    PaymentState.NOTHING: "no money left; what was withheld wrongly is owed as arrears",
    PaymentState.CANCELLED: "what is still owed for the month is found again as arrears",
}
#: Nothing more is to be done in this cycle; suspended money is paid as arrears once resumed.
SETTLED = frozenset(
    {PaymentState.PAID, PaymentState.SUSPENDED, PaymentState.NOTHING, PaymentState.CANCELLED}
)


class BatchState(Worded):
    """Where a bank file stands."""

    BUILT = "built", "已做好，还没交银行"
    SENT = "sent", "等银行结果"
    SETTLED = "settled", "银行已全部答复"


BATCH_TRANSITIONS = ((BatchState.BUILT, BatchState.SENT), (BatchState.SENT, BatchState.SETTLED))
BATCH_ENDS = {BatchState.SETTLED: "later answers change its lines: money comes back after it"}


class LineState(Worded):
    """What the bank said of one line of a file."""

    SENT = "sent", "等银行结果"
    PAID = "paid", "到账了"
    FAILED = "failed", "没发成"


LINE_TRANSITIONS = (
    (LineState.SENT, LineState.PAID),
    (LineState.SENT, LineState.FAILED),
    (LineState.PAID, LineState.FAILED),
)
LINE_ENDS = {
    LineState.FAILED: "paid anew by a line of another file; an answer that says otherwise is"
    " refused and shown, somebody asks the bank"
}


class SuspensionReason(Worded):
    """Why somebody is not paid for a time."""

    SURVIVAL = "survival", "没有按时做生存认证"
    UNREACHABLE = "unreachable", "联系不上本人"
    REVIEW = "review", "正在复核资格"
    ABROAD = "abroad", "出境未按规定报告"
    OTHER = "other", "其他原因"


class InstalmentState(StrEnum):
    """What became of one part of a recovery."""

    DUE = "due"
    WITHHELD = "withheld"
    REPAID = "repaid"
    WAIVED = "waived"
    RELEASED = "released"


INSTALMENT_TRANSITIONS = (
    *((InstalmentState.DUE, end) for end in InstalmentState if end is not InstalmentState.DUE),
    # The payment it was withheld from is called off.
    (InstalmentState.WITHHELD, InstalmentState.DUE),
)
INSTALMENT_ENDS = {
    InstalmentState.REPAID: "what was not owed after all is arrears",
    InstalmentState.WAIVED: "two officers let it go; nothing asks for it again",
    InstalmentState.RELEASED: "a debt found later is another recovery",
}


def instalments(owed: int, count: int) -> list[int]:
    """What is owed in so many parts, in fen: as equal as whole fen allow, the larger ones first.

    Parts of nothing are left out. Raises ValueError for nothing owed or no parts.
    """
    if owed <= 0 or not 1 <= count <= MOST_INSTALMENTS:
        raise ValueError("something must be owed, in 1 to 60 parts")
    whole, rest = divmod(owed, count)
    return [part for place in range(count) if (part := whole + (place < rest))]


def months_from(first: str, count: int) -> list[str]:
    """So many months ``YYYY-MM`` from one on."""
    year, month = (int(part) for part in first.split("-"))
    start = year * 12 + month - 1
    return [f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(start, start + count)]
