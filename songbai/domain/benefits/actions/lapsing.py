"""Taking back what nobody spent when its month is over."""

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.rules import Actor, system_only
from songbai.core.ledger.actions import Posting, hold, post_many
from songbai.core.ledger.queries import bare_transfers_of
from songbai.core.ledger.rules import AccountSpec, transfer_id
from songbai.core.sql import run
from songbai.domain.benefits.models import CreditGrant
from songbai.domain.benefits.money import moved
from songbai.domain.benefits.queries import fund_account, spending_account
from songbai.domain.benefits.rules.credit import month_ends
from songbai.domain.benefits.rules.policy import Channel

#: Grants of one transaction: a few seconds' work, and nobody waits long for an account.
BLOCK = 5_000
_LAPSED = "UPDATE benefits_creditgrant SET lapsed_at = %s WHERE id = ANY(%s)"


@transaction.atomic
def lapse(actor: Actor, block: int = BLOCK) -> int:
    """Give the unspent rest of ended months back to the fund; returns how many grants ended.

    What orders hold stays held and is honoured; if such an order is cancelled later, its share goes
    to the fund too (see ``takes_back``). Two workers at once take different grants, a killed
    one leaves nothing half done. Raises NotAllowed.
    """
    system_only(actor)
    due = CreditGrant.objects.select_for_update(skip_locked=True).filter(
        lapsed_at=None, lapses_at__lte=clock.now()
    )
    grants = list(due.order_by("lapses_at", "id")[:block])
    funds = {fund_account(g.region_id, g.month, Channel(g.channel)) for g in grants}
    accounts = [_account(grant) for grant in grants]
    left = hold([*funds, *accounts])
    emptied: dict[str, Posting] = {}
    for grant, account in zip(grants, accounts, strict=True):
        if left[account.code] > 0:
            emptied.setdefault(account.code, _given_back(grant, account, left[account.code]))
    post_many(actor, list(emptied.values()))
    run(_LAPSED, [clock.now(), [grant.pk for grant in grants]])
    return len(grants)


@transaction.atomic
def end_early(actor: Actor, grant: CreditGrant) -> int:
    """Nobody can spend a grant any more: its rest goes back to the fund; returns how much."""
    held = CreditGrant.objects.select_for_update().filter(pk=grant.pk, lapsed_at=None).first()
    if held is None:
        return 0
    fund = fund_account(held.region_id, held.month, Channel(held.channel))
    left = hold([fund, _account(held)])[_account(held).code]
    if left > 0:
        post_many(actor, [_moved(held, left, "ended", back=True)])
    CreditGrant.objects.filter(pk=held.pk).update(lapsed_at=clock.now(), ended=left)
    return left


@transaction.atomic
def give_again(actor: Actor, grant_id: int) -> bool:
    """Give again what ended early, while its time lasts; whether anything could be given."""
    held = CreditGrant.objects.select_for_update().get(pk=grant_id)
    moved = bare_transfers_of("grant", grant_id)
    signs = {"ended": 1, "given_again": -1}
    ended = sum(signs.get(row.kind, 0) * row.amount for row in moved)
    if held.lapsed_at is None or (held.lapses_at and held.lapses_at <= clock.now()):
        return ended == 0
    if ended > 0:
        post_many(actor, [_moved(held, ended, "given_again", back=False)])
    CreditGrant.objects.filter(pk=grant_id).update(lapsed_at=None, ended=0)
    return True


def _moved(grant: CreditGrant, amount: int, kind: str, *, back: bool) -> Posting:
    way = fund_account(grant.region_id, grant.month, Channel(grant.channel)), _account(grant)
    memo = f"{clock.month_words(grant.month)}" + ("不能再用，退回" if back else "重新可用")
    name = "grant", grant.pk, kind, bare_transfers_of("grant", grant.pk).count()
    return moved("grant", grant, kind, way[::-1] if back else way, amount, memo, *name)


def _given_back(grant: CreditGrant, account: AccountSpec, amount: int) -> Posting:
    """What nobody spent of a grant, from its account to the fund."""
    return Posting(
        id=transfer_id("lapse", grant.pk),
        debit=account,
        credit=fund_account(grant.region_id, grant.month, Channel(grant.channel)),
        amount=amount,
        kind="lapse",
        month=grant.month,
        subject=("elder", grant.elder_id),
        memo=f"{clock.month_words(grant.month)}没用完，退回",
        region=grant.region_id,
        person_id=grant.elder_id,
    )


def takes_back(elder_id: int, region: str, month: str, channel: Channel) -> AccountSpec:
    """Where a share of a cancelled order goes: to the elder's account, or to the fund once lapsed.

    The month's grants stay as they are until the transaction ends, so nothing reaches an account
    that is being emptied.
    """
    grants = list(
        CreditGrant.objects.select_for_update(no_key=True).filter(
            elder_id=elder_id, month=month, channel=channel
        )
    )
    ended = all(grant.lapsed_at for grant in grants)
    # An elder who moved away took no grant along: the desk there goes by the month.
    if (grants and ended) or (not grants and clock.now() >= month_ends(month)):
        return fund_account(grants[0].region_id if grants else region, month, channel)
    return spending_account(elder_id, region, month, channel)


def _account(grant: CreditGrant) -> AccountSpec:
    return spending_account(grant.elder_id, grant.region_id, grant.month, Channel(grant.channel))
