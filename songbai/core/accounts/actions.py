"""Logging in, and giving or ending access to a person."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth import authenticate
from django.db import connection, transaction
from django_otp.plugins.otp_totp.models import TOTPDevice

from songbai.core import clock
from songbai.core.errors import Refused

from .models import Account, PhoneCode
from .registry import home_roles
from .sms import sms


class WrongCode(Refused):
    """验证码不对或已过期。请看最新一条短信，或重新获取。"""

    field = "code"


class WrongPassword(Refused):
    """手机号、密码或动态码不对。连续输错会变慢，请核对后再试。"""

    field = "password"


def send_code(phone: str) -> None:
    """Send a one-time code; asked again within half a minute, an unused one stays good instead.

    Nobody learns who is known: unknown phones, and those asked for too often, get the same answer.
    Raises TryAgain.
    """
    account = Account.objects.by_phone(phone)
    if account is None or not account.is_active:
        return
    device, _ = PhoneCode.objects.get_or_create(user=account, defaults={"name": "sms"})
    allowed, _ = device.generate_is_allowed()
    if device.token and not allowed:
        return
    device.cooldown_set(commit=False)
    device.generate_token(length=6, valid_secs=300, commit=True)
    sms().send(account, f"【松柏】验证码 {device.token}，5 分钟内有效。工作人员不会问您要验证码。")


def log_in_by_code(phone: str, code: str) -> Account:
    """The account whose phone received this code.

    Raises WrongCode.
    """
    account = Account.objects.by_phone(phone)
    if account is None or not account.is_active:
        raise WrongCode
    if account.roles.exclude(kind__in=home_roles()).exists():
        raise WrongCode
    with transaction.atomic():
        device = PhoneCode.objects.select_for_update().filter(user=account).first()
        verified = (
            device is not None and device.verify_is_allowed()[0] and device.verify_token(code)
        )
    if not verified:
        raise WrongCode
    return account


def log_in_staff(phone: str, password: str, totp: str) -> Account:
    """The staff account with this password and the current TOTP code (two factors).

    Raises WrongPassword.
    """
    account = authenticate(phone=phone, password=password)
    if not isinstance(account, Account):
        raise WrongPassword
    with transaction.atomic():
        device = TOTPDevice.objects.select_for_update().filter(user=account, confirmed=True).first()
        verified = (
            device is not None and device.verify_is_allowed()[0] and device.verify_token(totp)
        )
    if not verified:
        raise WrongPassword
    return account


def grant_access(
    *,
    person_id: int,
    region: str,
    why: str,
    until: datetime,
    account_id: int | None = None,
    organisation_id: int | None = None,
) -> None:
    """Let one account or organisation reach a person until a moment; a later end wins.

    The database refuses when the giver has no access to that person.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT accounts_grant(%s, %s, %s, %s, %s, %s, %s)",
            [person_id, region, why, clock.now(), until, account_id, organisation_id],
        )


def end_access(*, person_id: int, why: str, account_id: int) -> None:
    """End an account's access for one cause now.

    The database refuses when who ends it has no access to that person.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT accounts_end(%s, %s, %s, %s)", [person_id, why, account_id, clock.now()]
        )


def family_account(phone: str, name: str) -> Account:
    """The account of a phone number with the family's role; made when there is none.

    Alone it opens nobody's record: that needs access to a person.
    """
    account = Account.objects.by_phone(phone) or Account.objects.register(phone, name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_family_role(%s)", [account.pk])
    return account
