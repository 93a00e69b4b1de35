"""How an order moves money: hold, earn, settle, and back."""

from __future__ import annotations

from collections.abc import Iterable

from songbai.core.ledger.actions import Posting
from songbai.core.ledger.rules import AccountSpec, transfer_id
from songbai.domain.benefits.actions import takes_back
from songbai.domain.benefits.queries import spending_account
from songbai.domain.benefits.rules.policy import Channel

from .models import Order, PayerShare
from .rules import PAYER_WORDS, Payer

#: Payers that spend what a policy gave for a month.
SPENDING = {Payer.CREDIT: Channel.CREDIT, Payer.VOUCHER: Channel.VOUCHER}


def paying_account(order: Order, payer: Payer) -> AccountSpec:
    """The account a share is taken from. Own money is what the elder owes until it is paid."""
    if payer in SPENDING:
        return spending_account(order.elder_id, order.region_id, order.month, SPENDING[payer])
    return AccountSpec(
        code=f"elder:{order.elder_id}:own",
        name="自己付的钱",
        region=order.region_id,
        floor=None,
        person_id=order.elder_id,
    )


def releasing_account(order: Order, payer: Payer) -> AccountSpec:
    """The account a held share goes back to; the fund's when the money's month has lapsed."""
    if payer in SPENDING:
        return takes_back(order.elder_id, order.region_id, order.month, SPENDING[payer])
    return paying_account(order, payer)


def held_account(order: Order) -> AccountSpec:
    """Money held for a provider until the family confirms."""
    return AccountSpec(
        code=f"provider:{order.provider_id}:held",
        name="待确认",
        region=order.provider.region_id,
        organisation_id=order.provider_id,
    )


def earned_account(provider_id: int, region: str, payer: Payer, month: str) -> AccountSpec:
    """What a provider has earned in a month from one payer."""
    return AccountSpec(
        code=f"provider:{provider_id}:earned:{payer}:{month}",
        name=f"{month} 已完成 · {PAYER_WORDS[payer]}",
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


def holds(order: Order, shares: Iterable[PayerShare]) -> list[Posting]:
    """Take each payer's share and hold it for the provider."""
    return [
        _posting(
            order,
            share,
            "hold",
            paying_account(order, Payer(share.payer)),
            held_account(order),
            round_=0,
        )
        for share in shares
    ]


def releases(order: Order, shares: Iterable[PayerShare]) -> list[Posting]:
    """Give held shares back to their payers: the order is cancelled."""
    return [
        _posting(
            order,
            share,
            "release",
            held_account(order),
            releasing_account(order, Payer(share.payer)),
            round_=0,
        )
        for share in shares
    ]


def earnings(order: Order, shares: Iterable[PayerShare]) -> list[Posting]:
    """Turn held shares into the provider's earnings of the order's month."""
    return [
        _posting(
            order,
            share,
            "earn",
            held_account(order),
            _earned(order, Payer(share.payer)),
            round_=order.confirmations,
        )
        for share in shares
    ]


def takings_back(order: Order, shares: Iterable[PayerShare]) -> list[Posting]:
    """Undo a confirmation: earnings are held again."""
    return [
        _posting(
            order,
            share,
            "unearn",
            _earned(order, Payer(share.payer)),
            held_account(order),
            round_=order.confirmations,
        )
        for share in shares
    ]


def payouts(order: Order, shares: Iterable[PayerShare]) -> list[Posting]:
    """Pay a provider what it earned with this order."""
    return [
        _posting(
            order,
            share,
            "settle",
            _earned(order, Payer(share.payer)),
            paid_account(order.provider_id, order.provider.region_id),
            round_=0,
        )
        for share in shares
    ]


def _earned(order: Order, payer: Payer) -> AccountSpec:
    return earned_account(order.provider_id, order.provider.region_id, payer, order.month)


def _posting(
    order: Order,
    share: PayerShare,
    kind: str,
    debit: AccountSpec,
    credit: AccountSpec,
    *,
    round_: int,
) -> Posting:
    return Posting(
        id=transfer_id("order", order.pk, kind, share.payer, round_),
        debit=debit,
        credit=credit,
        amount=share.amount,
        kind=kind,
        month=order.month,
        subject=("order", order.pk),
        memo=f"订单 {order.number} · {PAYER_WORDS[Payer(share.payer)]}",
        region=order.region_id,
        person_id=order.elder_id,
        organisation_id=order.provider_id,
    )
