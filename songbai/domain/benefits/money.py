"""The accounts that benefits paid out move: fund, bank, paid, and what is owed back.

| act | from | to |
|---|---|---|
| file sent | ``fund:<district>:benefit:<policy>:<month>`` | ``bank:<district>:sent`` |
| paid | ``bank:<district>:sent`` | ``paid:<district>:benefit:<policy>:<month>``, by person |
| failed | ``bank:<district>:sent`` | the fund, by person |
| given back once paid | ``paid:<district>:benefit:<policy>:<month>`` | the fund, by person |
| paid too much | ``elder:<id>:owed`` (negative: owed) | ``claims:<district>:benefit:<policy>`` |
| withheld | the fund of the month | ``elder:<id>:owed`` |
| what it was withheld from is called off | the way back | |
| paid back | ``cash:<district>:repaid`` (negative: what came in) | ``elder:<id>:owed`` |
| waived | ``claims:<district>:benefit:<policy>`` | ``elder:<id>:owed`` |
"""

from songbai.core.ledger.actions import Posting
from songbai.core.ledger.rules import AccountSpec, transfer_id
from songbai.domain.benefits.models import CreditGrant, Payment, Recovery


def moved(
    subject: str,
    row: Payment | Recovery | CreditGrant,
    kind: str,
    between: tuple[AccountSpec, AccountSpec],
    fen: int,
    memo: str,
    *name: object,
) -> Posting:
    """A transfer from one account to another about one person's row, of the month the row is for.

    Done twice under the same ``name`` it is done once: by its kind and the row where none is given.
    """
    debit, credit = between
    return Posting(
        id=transfer_id(*(name or (kind, row.pk))),
        debit=debit,
        credit=credit,
        amount=fen,
        kind=kind,
        month=row.month,
        subject=(subject, row.pk),
        memo=memo,
        region=row.region_id,
        person_id=row.elder_id,
    )


def fund(region: str, policy: str, month: str) -> AccountSpec:
    """The public money a district pays a policy's month from."""
    return _public(region, f"fund:{region[:6]}:benefit:{policy}:{month}", f"待遇资金 {month}", None)


def with_bank(region: str) -> AccountSpec:
    """What a district's bank was told to pay and has not answered."""
    return _public(region, f"bank:{region[:6]}:sent", "已交银行、未答复", 0)


def paid_out(region: str, policy: str, month: str) -> AccountSpec:
    """What reached people under a policy in a month."""
    return _public(region, f"paid:{region[:6]}:benefit:{policy}:{month}", f"已到账 {month}", 0)


def owed(elder_id: int, region: str) -> AccountSpec:
    """What a person owes back, as a negative balance; 0 is the most that can stand on it."""
    return AccountSpec(
        code=f"elder:{elder_id}:owed",
        name="应退回的钱",
        region=region,
        floor=None,
        person_id=elder_id,
    )


def claims(region: str, policy: str) -> AccountSpec:
    """What a district asked back under a policy, less what it waived."""
    return _public(region, f"claims:{region[:6]}:benefit:{policy}", "追缴应收", 0)


def cash(region: str) -> AccountSpec:
    """What people paid back to a district themselves, as a negative balance."""
    return _public(region, f"cash:{region[:6]}:repaid", "退回的现金和转账", None)


def _public(region: str, code: str, name: str, floor: int | None) -> AccountSpec:
    return AccountSpec(code=code, name=name, region=region[:6].ljust(12, "0"), floor=floor)
