"""What opens an account: the hash of its password, its number, whether it is open or in doubt.

The database changes them only for who can sign (``core.signing``).
"""

import json
from datetime import datetime

from songbai.core.crypto import blind_index, encrypt
from songbai.core.signing import backend, token
from songbai.core.sql import called

from .models import Account


def change_password(account: Account, hashed: str) -> None:
    """From now on this hash is the account's."""
    _change(account, password=hashed)


def change_phone(account: Account, phone: str) -> None:
    """From now on the account is found by this number."""
    account.phone, account.phone_index = encrypt(phone), blind_index(phone)
    _change(account, phone=account.phone.hex(), phone_index=account.phone_index.hex())


def close(account: Account) -> None:
    """Nobody logs in to the account any more."""
    _change(account, is_active=False)


def open_again(account: Account) -> None:
    """The account was closed by error."""
    _change(account, is_active=True)


def note_login(account: Account, at: datetime) -> None:
    """The account was used at a moment."""
    _change(account, last_login=at.isoformat())


def doubt(account_id: int, **changes: str | int | bool | None) -> int | None:
    """Change the open doubt about an account's number; with ``at`` open one where there is none.

    Returns the doubt's number, None where none is open.
    """
    said = json.dumps(changes)
    signed = token(f"doubt|{account_id}|{said}", backend())
    found: int | None = called("accounts_doubt", account_id, said, signed)
    return found


def _change(account: Account, **changes: str | bool) -> None:
    said = json.dumps(changes)
    signed = token(f"account|{account.pk}|{said}", backend())
    called("accounts_change", account.pk, said, signed)
