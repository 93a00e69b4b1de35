"""One person has one grant of a month, whichever of her records it was given to."""

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.ledger.actions import Posting, hold, post_many
from songbai.core.ledger.queries import bare_transfers_of, entries
from songbai.core.ledger.rules import AccountSpec, transfer_id
from songbai.domain.benefits.models import CreditGrant
from songbai.domain.benefits.queries import fund_account, spending_account
from songbai.domain.benefits.rules.policy import Channel
from songbai.domain.elders.models import Elder
from songbai.domain.elders.under_way import Parting


@transaction.atomic
def join(actor: Actor, root: Elder, second: CreditGrant) -> int:
    """What was used of a second grant, which has ended, counts as used of the one that stands.

    Returns the fen that both together used above it.
    """
    kept = CreditGrant.objects.filter(
        elder=root, policy=second.policy, month=second.month, lapsed_at=None
    ).first()
    if kept is None:
        return 0
    used = second.amount - CreditGrant.objects.get(pk=second.pk).ended
    account, fund = _account(root.pk, kept), _fund(kept)
    taken = min(used, hold([fund, account])[account.code])
    _move(actor, second, root.pk, "doubled", [(account, fund, taken)])
    return used - taken


@transaction.atomic
def part(actor: Actor, second: CreditGrant, parting: Parting) -> None:
    """They are two people after all: what ``join`` took goes back, and what came back in between of
    what the second grant had paid goes to the second one's account.
    """
    moved = bare_transfers_of("grant", second.pk)
    taken = sum(row.amount for row in moved if row.kind == "doubled" and row.at >= parting.since)
    if not taken or any(row.kind == "parted" and row.at >= parting.since for row in moved):
        return
    own, other = _account(parting.back.pk, second), _account(parting.kept.pk, second)
    came, fund = _came_back(own, other, parting), _fund(second)
    left = taken - came
    back = (fund, other, left) if left >= 0 else (other, fund, -left)
    _move(actor, second, parting.back.pk, "parted", [back, (fund, own, came)])


def _came_back(own: AccountSpec, other: AccountSpec, parting: Parting) -> int:
    """Fen that orders paid from one account gave back to another one since."""
    rows = [row for row in entries([own.code, other.code]) if row.subject_kind == "order"]
    hers = {row.subject_id for row in rows if row.debit.code == own.code}
    since = [row for row in rows if row.subject_id in hers and row.at >= parting.since]
    into = sum(row.amount for row in since if row.credit.code == other.code)
    return into - sum(row.amount for row in since if row.debit.code == other.code)


def _move(
    actor: Actor,
    grant: CreditGrant,
    person: int,
    kind: str,
    ways: list[tuple[AccountSpec, AccountSpec, int]],
) -> None:
    round_ = bare_transfers_of("grant", grant.pk).count()
    post_many(
        actor,
        [
            Posting(
                id=transfer_id("grant", grant.pk, kind, round_ + at),
                debit=debit,
                credit=credit,
                amount=fen,
                kind=kind,
                month=grant.month,
                subject=("grant", grant.pk),
                memo=f"{clock.month_words(grant.month)}，两份档案",
                region=grant.region_id,
                person_id=person,
            )
            for at, (debit, credit, fen) in enumerate(ways)
            if fen > 0
        ],
    )


def _account(elder: int, grant: CreditGrant) -> AccountSpec:
    return spending_account(elder, grant.region_id, grant.month, Channel(grant.channel))


def _fund(grant: CreditGrant) -> AccountSpec:
    return fund_account(grant.region_id, grant.month, Channel(grant.channel))
