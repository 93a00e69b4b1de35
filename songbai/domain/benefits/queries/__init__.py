"""What others ask about benefits."""

from .credit import (
    credit_left,
    fund_account,
    grant_of,
    month_credit,
    month_voucher,
    spending_account,
)
