from django.contrib.auth.hashers import check_password, make_password
from django.db.models import Exists, OuterRef
from django.http import HttpRequest

from songbai.core.one_at_a_time import OneAtATime

from . import entry
from .models import Account, DoubtWhy, NumberDoubt

#: A hash takes a tenth of a second of a processor.
_hashing = OneAtATime()


class PasswordBackend:
    """Authenticates staff by phone and password; the TOTP code is asked by the login action."""

    def authenticate(
        self, request: HttpRequest | None, phone: str = "", password: str = ""
    ) -> Account | None:
        """The account, or None; takes the same time whether the phone is known or not.

        Raises TryAgain when too many ask at once.
        """
        account = Account.objects.by_phone(phone)
        with _hashing:
            if account is None or not account.has_usable_password():
                make_password(password)
                return None
            right = check_password(
                password,
                account.password,
                lambda word: entry.change_password(account, make_password(word)),
            )
        return account if right and account.is_active else None

    def get_user(self, account_id: int) -> Account | None:
        """The account of a session; nobody's once its person is said to have died."""
        died = NumberDoubt.objects.filter(account=OuterRef("pk"), same=None, why=DoubtWhy.DIED)
        return Account.objects.filter(~Exists(died), pk=account_id, is_active=True).first()
