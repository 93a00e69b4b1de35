"""What others ask about benefits."""

from .credit import (
    fund_account,
    grant_of,
    month_credit,
    month_voucher,
    spending_account,
)
