"""How ledger accounts and transfers read."""

from collections.abc import Mapping
from dataclasses import dataclass

from songbai.core.accounts.rules import Actor
from songbai.core.ledger.models import LedgerAccount
from songbai.core.ledger.registry import book_of, payer_of
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries.figures import named
from songbai.domain.elders.rules import mask_name
from songbai.domain.orders.declares import EARNED
from songbai.domain.providers.queries.figures import provider_names
from songbai.web.templatetags.songbai import month_words
from songbai.web.words import village_of


@dataclass(frozen=True)
class AccountName:
    """A ledger account in words. ``id`` is None where the officer may not open it."""

    words: str
    id: int | None
    owner: str = ""


def names_of_accounts(
    actor: Actor, accounts: Mapping[int, LedgerAccount | None]
) -> dict[int, AccountName]:
    """Ledger accounts with masked owners; one out of scope says so."""
    known = [account for account in accounts.values() if account]
    elders = named(actor, {one.person_id for one in known if one.person_id})
    providers = provider_names({one.organisation_id for one in known if one.organisation_id})
    return {
        account_id: AccountName(kind_of(account), account.pk, _owner(account, elders, providers))
        if account
        else AccountName(f"账户 {account_id}（不在您能看的范围里）", None)
        for account_id, account in accounts.items()
    }


def kind_of(account: LedgerAccount) -> str:
    """The kind of an account with its month, or the name it was opened with."""
    book, parts = book_of(account.code), account.code.split(":")
    if book is None:
        return account.name
    payer = f" · {payer_of(parts[3]).words}" if book is EARNED else ""
    return f"{book.words}{payer} · {month_words(parts[-1])}" if book.monthly else book.words


def _owner(
    account: LedgerAccount, elders: Mapping[int, Elder], providers: Mapping[int, str]
) -> str:
    if account.person_id:
        elder = elders.get(account.person_id)
        return f"{mask_name(elder.name) if elder else '老人'}（编号 {account.person_id}）"
    if account.organisation_id:
        return providers.get(account.organisation_id, "")
    return village_of(account.region_id)
