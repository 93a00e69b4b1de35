"""What others ask about benefits."""

from .credit import (
    MonthCredit,
    MonthVoucher,
    Purse,
    credit_account,
    credit_left,
    fund_account,
    grant_of,
    month_credit,
    month_voucher,
    purse,
    spending_account,
)

__all__ = [
    "MonthCredit",
    "MonthVoucher",
    "Purse",
    "credit_account",
    "credit_left",
    "fund_account",
    "grant_of",
    "month_credit",
    "month_voucher",
    "purse",
    "spending_account",
]
