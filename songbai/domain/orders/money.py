"""How an order moves money: hold, earn, settle, and back."""

from collections.abc import Iterable

from songbai.core.clock import month_words
from songbai.core.ledger.actions import Posting
from songbai.core.ledger.registry import Bill, Payer, TakesBack, back_to, payer_of, payers
from songbai.core.ledger.rules import AccountSpec, transfer_id

from .models import Order, PayerShare
from .rules import Split


def bill_of(order: Order) -> Bill:
    """Whose price an order's is."""
    return Bill(order.elder_id, order.region_id, order.month)


def held_account(order: Order) -> AccountSpec:
    """Money held for a provider until the family confirms."""
    return AccountSpec(
        code=f"provider:{order.provider_id}:held",
        name="待确认",
        region=order.provider.region_id,
        organisation_id=order.provider_id,
    )


def earned_code(provider_id: int, payer: Payer, month: str) -> str:
    """The code of the account of what a provider has earned in a month from one payer."""
    return f"provider:{provider_id}:earned:{payer.code}:{month}"


def earned_account(provider_id: int, region: str, payer: Payer, month: str) -> AccountSpec:
    """What a provider has earned in a month from one payer."""
    return AccountSpec(
        code=earned_code(provider_id, payer, month),
        name=f"{month_words(month)}已完成 · {payer.words}",
        region=region,
        organisation_id=provider_id,
    )


def paid_account(provider_id: int, region: str) -> AccountSpec:
    """What was paid out to a provider."""
    return AccountSpec(
        code=f"provider:{provider_id}:paid",
        name="已结算",
        region=region,
        organisation_id=provider_id,
    )


def debts_of(provider_id: int) -> str:
    """The name of what a provider owes: one act at a time reads and changes it."""
    return f"provider:{provider_id}:owes"


def owed_account(provider_id: int, region: str) -> AccountSpec:
    """What a provider owes a district for care that was paid and not given: below nothing."""
    district = region[:6].ljust(12, "0")
    return AccountSpec(
        code=f"{debts_of(provider_id)}:{district[:6]}",
        name="应退回",
        region=district,
        organisation_id=provider_id,
        floor=None,
    )


def holds(order: Order, shares: Iterable[PayerShare]) -> list[Posting]:
    """Take each payer's share and hold it for the provider."""
    held, bill = held_account(order), bill_of(order)
    return [
        _posting(order, share, "hold", payer_of(share.payer).account_of(bill), held)
        for share in shares
    ]


def releases(
    order: Order, shares: Iterable[PayerShare], back: TakesBack = back_to
) -> list[Posting]:
    """Give held shares back to their payers: the order is cancelled."""
    held, bill = held_account(order), bill_of(order)
    return [
        _posting(order, share, "release", held, back(payer_of(share.payer), bill))
        for share in shares
    ]


def changes(order: Order, shares: Iterable[PayerShare], now: Split, round_: int) -> list[Posting]:
    """From held shares to those of another split: more is held of some, the rest given back."""
    held, bill = held_account(order), bill_of(order)
    was = {share.payer: share.amount for share in shares}
    found = []
    for payer in payers():
        more = now.of(payer) - was.get(payer.code, 0)
        share = PayerShare(payer=payer.code, amount=abs(more))
        if more > 0:
            found.append(_posting(order, share, "hold", payer.account_of(bill), held, round_))
        elif more < 0:
            found.append(_posting(order, share, "release", held, back_to(payer, bill), round_))
    return found


def earnings(order: Order, shares: Iterable[PayerShare]) -> list[Posting]:
    """Turn held shares into the provider's earnings of the order's month."""
    held, round_ = held_account(order), order.confirmations
    return [_posting(order, share, "earn", held, _earned(order, share), round_) for share in shares]


def takings_back(order: Order, shares: Iterable[PayerShare]) -> list[Posting]:
    """Undo a confirmation: earnings are held again."""
    held, round_ = held_account(order), order.confirmations
    return [
        _posting(order, share, "unearn", _earned(order, share), held, round_) for share in shares
    ]


def payouts(
    order: Order, shares: Iterable[PayerShare], owes: dict[str, int] | None = None
) -> list[Posting]:
    """Pay a provider what it earned with this order, less what is left of what it ``owes``.

    ``owes`` is fen by account of a debt; what is kept back here is taken off it. What people pay
    the provider themselves pays no debt.
    """
    paid = paid_account(order.provider_id, order.provider.region_id)
    debt = owed_account(order.provider_id, order.region_id)
    left, found = {} if owes is None else owes, []
    for share in shares:
        direct = payer_of(share.payer).direct
        part = 0 if direct else min(share.amount, left.get(debt.code, 0))
        if part:
            left[debt.code] -= part
        for kind, to, fen in (("offset", debt, part), ("settle", paid, share.amount - part)):
            if fen:
                found.append(_posting(order, share, kind, _earned(order, share), to, fen=fen))
    return found


def reversals(order: Order, shares: Iterable[PayerShare]) -> list[Posting]:
    """Give paid shares back to their payers: the provider owes them.

    What people paid the provider themselves it gives back to them, which is only noted.
    """
    bill = bill_of(order)
    paid = paid_account(order.provider_id, order.provider.region_id)
    debt = owed_account(order.provider_id, order.region_id)
    return [
        _posting(order, share, "reverse", paid if one.direct else debt, back_to(one, bill))
        for share in shares
        for one in [payer_of(share.payer)]
    ]


def _earned(order: Order, share: PayerShare) -> AccountSpec:
    payer, region = payer_of(share.payer), order.provider.region_id
    return earned_account(order.provider_id, region, payer, order.month)


def _posting(
    order: Order,
    share: PayerShare,
    kind: str,
    debit: AccountSpec,
    credit: AccountSpec,
    round_: int = 0,
    fen: int | None = None,
) -> Posting:
    return Posting(
        id=transfer_id("order", order.pk, kind, share.payer, round_),
        debit=debit,
        credit=credit,
        amount=share.amount if fen is None else fen,
        kind=kind,
        month=order.month,
        subject=("order", order.pk),
        memo=f"订单 {order.number} · {payer_of(share.payer).words}",
        region=order.region_id,
        person_id=order.elder_id,
        organisation_id=order.provider_id,
    )
