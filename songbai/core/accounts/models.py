from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django_otp.models import CooldownMixin, SideChannelDevice, ThrottlingMixin

from songbai.core import clock
from songbai.core.crypto import blind_index, decrypt, encrypt
from songbai.core.crypto.fields import BlindIndexField, EncryptedField
from songbai.core.scope import row_security
from songbai.core.texts import folded_phone
from songbai.core.texts_fields import FormedField


class AccountManager(BaseUserManager["Account"]):
    def by_phone(self, phone: str) -> Account | None:
        """The account of a phone number, found by its blind index."""
        return self.filter(phone_index=blind_index(folded_phone(phone))).first()

    def register(self, phone: str, name: str, password: str | None = None) -> Account:
        """Create an account; without password it can only log in by one-time code."""
        phone = folded_phone(phone)
        account = Account(name=name, phone_index=blind_index(phone), phone=encrypt(phone))
        if password is None:
            account.set_unusable_password()
        else:
            account.set_password(password)
        account.save()
        return account


class Account(AbstractBaseUser):  # type: ignore[django-manager-missing]  # OTP has no types
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

    def __str__(self) -> str:
        return self.title


@row_security(
    account="account_id",
    organisation="organisation_id",
    region="region_id",
    changed_by_region_only=True,
)
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
            models.CheckConstraint(
                condition=models.Q(account__isnull=False) ^ models.Q(organisation_id__isnull=False),
                name="access_has_one_holder",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.why} {self.person_id}"


class PhoneCode(CooldownMixin, ThrottlingMixin, SideChannelDevice):  # type: ignore[misc]  # untyped library
    """The one-time code of a phone: six digits, valid five minutes, slowed down after failures."""

    objects: ClassVar[models.Manager[PhoneCode]] = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user"], name="one_code_device_each")]

    def get_cooldown_duration(self) -> int:
        """Seconds before another code may be sent."""
        return 30

    def get_throttle_factor(self) -> int:
        """Seconds of wait after the first failure, doubling."""
        return 1

    def verify_token(self, token: str) -> bool:
        """True once for the code that was sent; every wrong one makes the next wait longer."""
        right = bool(super().verify_token(token))
        if right:
            self.throttle_reset()
        else:
            self.throttle_increment()
        return right


class TextMessage(models.Model):
    """What the recording SMS adapter kept instead of sending (demo and tests)."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    text = models.CharField(max_length=200)
    sent_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["account", "-sent_at"])]

    def __str__(self) -> str:
        return f"message {self.pk}"
