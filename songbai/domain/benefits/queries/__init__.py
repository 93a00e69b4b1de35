"""What others ask about benefits."""

from .credit import (
    MonthCredit,
    credit_account,
    credit_left,
    fund_account,
    grant_of,
    month_credit,
)

__all__ = [
    "MonthCredit",
    "credit_account",
    "credit_left",
    "fund_account",
    "grant_of",
    "month_credit",
]
