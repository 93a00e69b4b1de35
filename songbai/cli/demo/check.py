"""What must hold in the record after a build."""

from songbai.core.accounts.rules import SYSTEM
from songbai.core.ledger.queries import total
from songbai.core.sql import value
from songbai.domain.orders.queries import statement

UNBALANCED = """
SELECT count(*) FROM ledger_ledgeraccount a LEFT JOIN (
  SELECT account, sum(amount) AS moved FROM (
    SELECT credit_id AS account, amount FROM ledger_transfer
    UNION ALL SELECT debit_id, -amount FROM ledger_transfer) t GROUP BY account
) m ON m.account = a.id WHERE a.balance <> coalesce(m.moved, 0)
"""
OVERDRAWN = "SELECT count(*) FROM ledger_ledgeraccount WHERE balance < floor"
UNSHARED = """
SELECT count(*) FROM orders_order o WHERE o.total <> (
  SELECT coalesce(sum(s.amount), 0) FROM orders_payershare s WHERE s.order_id = o.id)
"""


class BooksDisagree(RuntimeError):
    """The built city contradicts itself; the message says where."""


def check(provider_id: int, months: list[str]) -> None:
    """The ledger sums to zero, balances are sums, shares add up, a provider's statements agree.

    Raises BooksDisagree.
    """
    if total():
        raise BooksDisagree(f"the ledger sums to {total()} fen")
    for name, query in {"balances": UNBALANCED, "floors": OVERDRAWN, "shares": UNSHARED}.items():
        if wrong := value(query):
            raise BooksDisagree(f"{name}: {wrong} rows are wrong")
    for month in months:
        if not statement(SYSTEM, provider_id, month).agrees:
            raise BooksDisagree(f"statement of provider {provider_id} for {month}")
