"""Double-entry ledger in integer minor units: fen of money, minutes of time credit.

Every transfer takes from one account and gives the same amount to another, so all balances sum to
zero by construction. Accounts and transfers are written only by two database functions; the web
role can call them and cannot touch the tables. An account whose ``floor`` is 0 cannot be
overdrawn. Transfers are never changed: a mistake is reversed by another transfer.
"""
