from __future__ import annotations

from django.http import HttpRequest

from .models import Account


class PasswordBackend:
    """Authenticates staff by phone and password; the TOTP code is asked by the login action."""

    def authenticate(
        self, request: HttpRequest | None, phone: str = "", password: str = ""
    ) -> Account | None:
        """The account, or None; takes the same time whether the phone is known or not."""
        account = Account.objects.by_phone(phone)
        if account is None:
            Account().set_password(password)
            return None
        return account if account.is_active and account.check_password(password) else None

    def get_user(self, account_id: int) -> Account | None:
        """The account of a session."""
        return Account.objects.filter(pk=account_id, is_active=True).first()
