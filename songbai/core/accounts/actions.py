"""Logging in, and giving or ending access to a person."""

import secrets
from datetime import datetime

from django.contrib.auth import authenticate
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from songbai.core import clock
from songbai.core.crypto import blind_index, encrypt
from songbai.core.errors import Refused
from songbai.core.signing import asked

from . import tasks
from .models import Access, Account, TotpKey
from .numbers import check_name, require_alive, require_sure
from .registry import home_roles
from .tries import OF_A_PLACE, OF_ONE, TooManyTries, forget, take


class WrongCode(Refused):
    """验证码不对或已过期。请看最新一条短信，或重新获取。"""

    field = "code"


class CodeSpent(Refused):
    """试的次数太多，这个验证码作废了。请重新获取一个。"""

    field = "code"


class EnoughCodes(Refused):
    """要验证码的次数太多了。请过一小时再试，急用请拨 12349。"""

    field = "phone"


class EnoughCodesHere(EnoughCodes):
    """从这个网络要验证码的次数太多了，一天内不再发。请换个网络（比如手机流量），急用请拨 12349。"""


class WrongPassword(Refused):
    """手机号、密码或动态码不对。连续输错会变慢，请核对后再试。"""

    field = "password"


def send_code(phone: str, source: str = "") -> None:
    """Have a one-time code sent; asked again within half a minute, an unused one stays good.

    Nobody learns who is known: the same is done for every number, the message is sent by a job.
    ``source`` is the address that asks. Raises EnoughCodes (the number's), EnoughCodesHere.
    """
    index, code = blind_index(phone), f"{secrets.randbelow(1_000_000):06d}"
    told = [index, encrypt(code), blind_index(f"{phone}:{code}"), blind_index(f"from:{source}")]
    with transaction.atomic():
        answer = asked("accounts_ask_code", *told)
        if answer == "new":
            tasks.send_code.defer(phone_index=index.hex())
    if answer in ("number", "place"):
        raise EnoughCodes if answer == "number" else EnoughCodesHere


def log_in_by_code(phone: str, code: str, source: str = "") -> Account:
    """The account whose phone received this code.

    Raises WrongCode, CodeSpent, TooManyTries, NumberInDoubt.
    """
    use_code(phone, code, source)
    account = Account.objects.by_phone(phone)
    if account is None or not account.is_active:
        raise WrongCode
    if account.roles.exclude(kind__in=home_roles()).exists():
        raise WrongCode
    require_sure(account)
    return account


def use_code(phone: str, code: str, source: str = "") -> None:
    """Use the code that was sent to a number, once. Raises WrongCode, CodeSpent, TooManyTries."""
    typed, place = blind_index(f"{phone}:{code}"), blind_index(f"from:{source}")
    answer = asked("accounts_try_code", blind_index(phone), typed, place)
    if answer != "right":
        raise {"wait": TooManyTries, "spent": CodeSpent}.get(answer, WrongCode)


def log_in_staff(phone: str, password: str, totp: str, source: str = "") -> Account:
    """The staff account with this password and the current TOTP code (two factors).

    Raises WrongPassword, TooManyTries, TryAgain, ReportedDead.
    """
    take(OF_A_PLACE, "password", source)
    take(OF_ONE, f"password:{phone}", source)
    account = authenticate(phone=phone, password=password)
    if not isinstance(account, Account):
        raise WrongPassword
    if not _use_totp(account, totp):
        raise WrongPassword
    require_alive(account)
    forget("password", source)
    forget(f"password:{phone}", source)
    return account


def _use_totp(account: Account, code: str) -> bool:
    """Whether a dynamic code is right now, a step early or late; each is good once."""
    device = TotpKey.objects.filter(account=account).first()
    step = device.step_of(code) if device else None
    if step is None:
        return False
    return bool(asked("accounts_use_totp", account.pk, step))


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

    Who may give it is the caller's to ask; the database refuses a giver without any access to that
    person.
    """
    asked("accounts_grant", person_id, region, why, clock.now(), until, account_id, organisation_id)


def end_access(*, person_id: int, why: str, account_id: int) -> None:
    """End an account's access for one cause now.

    The database refuses when who ends it has no access to that person.
    """
    asked("accounts_end", person_id, why, account_id, clock.now())


def end_doubled_access(person_id: int, other_id: int) -> None:
    """Of one person under two numbers: who reaches the other for the same cause needs one way."""
    rows = Access.objects.filter(person_id=person_id, valid_until__gt=clock.now())
    doubled = [*rows.filter(_as_well(other_id)).values_list("pk", flat=True)]
    asked("accounts_until", doubled, clock.now())


def give_access_back(person_id: int, other_id: int) -> None:
    """They are two after all: who reaches the other for the same cause reaches this one again."""
    rows = Access.objects.filter(person_id=person_id, valid_until__lte=clock.now())
    for row in rows.filter(_as_well(other_id)):
        twin = Access.objects.get(
            person_id=other_id,
            account=row.account,
            organisation_id=row.organisation_id,
            why=row.why,
        )
        asked("accounts_until", [row.pk], twin.valid_until)


def _as_well(other_id: int) -> Exists:
    """That the holder of a row reaches another person for the same cause now."""
    same = Q(account=OuterRef("account")) | Q(organisation_id=OuterRef("organisation_id"))
    now = clock.now()
    return Exists(
        Access.objects.filter(same, person_id=other_id, why=OuterRef("why"), valid_until__gt=now)
    )


def family_account(phone: str, name: str) -> Account:
    """The account of a phone number with the family's role; made when there is none.

    Alone it opens nobody's record: that needs access to a person. Raises OtherName when the number
    is that of an account of somebody else.
    """
    check_name(phone, name)
    account = Account.objects.by_phone(phone) or Account.objects.register(phone, name)
    asked("accounts_family_role", account.pk)
    return account
