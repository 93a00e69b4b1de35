from __future__ import annotations

from typing import ClassVar

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import make_password
from django.db import models
from django.db.models import Q

from songbai.core import clock
from songbai.core.crypto import blind_index, decrypt, decrypt_bytes, encrypt
from songbai.core.crypto.fields import BlindIndexField, EncryptedField
from songbai.core.scope import row_security
from songbai.core.signing import asked
from songbai.core.states import holds, once
from songbai.core.texts import folded_name, folded_phone
from songbai.core.texts_fields import FormedField


class AccountManager(BaseUserManager["Account"]):
    def by_phone(self, phone: str) -> Account | None:
        """The account of a phone number, found by its blind index."""
        return self.filter(phone_index=blind_index(folded_phone(phone))).first()

    def register(self, phone: str, name: str, password: str | None = None) -> Account:
        """Create an account; without password it can only log in by one-time code."""
        phone = folded_phone(phone)
        told = [encrypt(phone), blind_index(phone), folded_name(name), make_password(password)]
        return self.get(pk=asked("accounts_register", *told, clock.now()))


class Account(AbstractBaseUser):
    """A person who logs in, known by a phone number that is stored encrypted."""

    phone = EncryptedField()
    phone_index = BlindIndexField(of="phone", unique=True)
    name = FormedField(form="person", max_length=40)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)

    objects: ClassVar[AccountManager] = AccountManager()
    USERNAME_FIELD = "phone_index"

    def __str__(self) -> str:
        return f"account {self.pk}"

    def phone_number(self) -> str:
        """The plain number; every show of it states a purpose and is logged by the caller."""
        return decrypt(self.phone)


class Role(models.Model):
    """What an account may act as, and where."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="roles")
    kind = models.CharField(max_length=12)
    scope = models.CharField(max_length=12, blank=True)
    organisation_id = models.BigIntegerField(null=True, blank=True)
    title = models.CharField(max_length=40)
    valid_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind", "scope", "organisation_id"],
                nulls_distinct=False,
                name="role_once",
            ),
        ]


@row_security(account="account_id", organisation="organisation_id", region="region_id")
class Access(models.Model):
    """Why somebody outside a region's administration may reach one person, and until when.

    Written by the rooms that give cause: a proxy is bound, an order is placed, a visit assigned.
    """

    person_id = models.BigIntegerField()
    region_id = models.CharField(max_length=12)
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT)
    organisation_id = models.BigIntegerField(null=True)
    why = models.CharField(max_length=40)
    valid_from = models.DateTimeField(default=clock.now)
    valid_until = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["account", "person_id"]),
            models.Index(fields=["organisation_id", "person_id"]),
            models.Index(fields=["person_id"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person_id", "account", "organisation_id", "why"],
                nulls_distinct=False,
                name="access_once_per_cause",
            ),
            holds(
                "access_has_one_holder", Q(account__isnull=False) ^ Q(organisation_id__isnull=False)
            ),
        ]


class LoginCode(models.Model):
    """The one-time code asked for a number, known or not. The owner reads and writes it.

    ``digest`` is what is compared, ``token`` what the message needs; ``sent``: it was.
    """

    phone_index = BlindIndexField(unique=True)
    token = EncryptedField()
    digest = models.BinaryField(max_length=32)
    asked_at = models.DateTimeField(default=clock.now)
    valid_until = models.DateTimeField()
    wrong = models.PositiveSmallIntegerField(default=0)
    sent = models.BooleanField(db_default=False)

    def code(self) -> str:
        """The six digits; nothing once they were used."""
        return decrypt(self.token)


#: Seconds for which a dynamic code is the one shown.
TOTP_STEP = 30


class TotpKey(models.Model):
    """What a member of staff's authenticator app and we both know (RFC 6238)."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="totp")
    key = EncryptedField()
    last_step = models.BigIntegerField(default=0)

    def code_at(self, step: int) -> str:
        """The code that is shown during a step of time."""
        totp = TOTP(decrypt_bytes(self.key), 6, SHA1(), TOTP_STEP, enforce_key_length=False)  # noqa: S303 # RFC 6238
        return totp.generate(step * TOTP_STEP).decode()

    def step_of(self, code: str) -> int | None:
        """The step in which this code is shown, now, just before or just after; else None."""
        now = totp_step()
        return next((s for s in (now, now - 1, now + 1) if self.code_at(s) == code), None)


def totp_step() -> int:
    """The step of time that is now."""
    return int(clock.now().timestamp()) // TOTP_STEP


class Tries(models.Model):
    """How often something was tried from somewhere (``tries``)."""

    what = models.BinaryField(max_length=32)
    source = models.BinaryField(max_length=32)
    since = models.DateTimeField(default=clock.now)
    last = models.DateTimeField(default=clock.now)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [once("tries_once_each", "what", "source")]


class FormerNumber(models.Model):
    """A number that was an account's until a moment: changed, or passed on to somebody else.

    ``told_at``: when the old and the new number were told.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="former_numbers")
    phone = EncryptedField()
    phone_index = BlindIndexField(of="phone")
    until = models.DateTimeField(default=clock.now)
    how = models.CharField(max_length=40)
    told_at = models.DateTimeField(null=True)


class DoubtWhy(models.TextChoices):
    """What lets one think that a number is in other hands, the lightest sign first."""

    UNUSED = "unused"  # nobody logged in for a year
    SAID = "said"  # somebody at work says so: it hinders nobody until another one has looked
    NAME = "name"  # whoever holds it gave another name
    CARRIER = "carrier"  # the carrier says that it was given to somebody else
    DIED = "died"  # whose it is has died, somebody says


class NumberDoubt(models.Model):
    """Whether an account's number is still its person's, and what was found.

    ``same`` is None while it is open. ``tries``: wrong names given. ``by_id``: the account of who
    doubted, None for the program; ``region``: where it was said, "" by the program.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="doubts")
    why = models.CharField(max_length=8, choices=DoubtWhy.choices)
    note = models.CharField(max_length=120, blank=True)
    by_id = models.BigIntegerField(null=True)
    region = models.CharField(max_length=12, default="", db_default="")
    at = models.DateTimeField(default=clock.now)
    tries = models.PositiveSmallIntegerField(default=0)
    same = models.BooleanField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=40, blank=True)
    found = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(same=None), name="number_doubted_once"
            ),
            models.CheckConstraint(
                condition=models.Q(same=None) ^ models.Q(ended_at__isnull=False),
                name="number_doubt_ends_with_an_answer",
            ),
        ]


class TextMessage(models.Model):
    """What the recording SMS adapter kept instead of sending (demo and tests).

    ``phone`` is empty for the account's own number.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    phone = EncryptedField(default=b"")
    text = EncryptedField()
    sent_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["account", "-sent_at"])]

    def words(self) -> str:
        """What it says."""
        return decrypt(self.text)
