"""Text messages: one contract, a gateway that sends, and a double that records."""

from typing import Protocol

import httpx
from django.conf import settings

from songbai.core import clock
from songbai.core.crypto import encrypt
from songbai.core.errors import TryAgain

from .models import Account, TextMessage


class Sms(Protocol):
    """Sends one text to one account's phone, or to a number that was its; raises TryAgain when the
    carrier does not answer.
    """

    def send(self, account: Account, text: str, phone: str = "") -> None: ...


class GatewaySms:
    """Posts ``{"phone", "text"}`` as JSON to the city's SMS gateway."""

    def __init__(self, address: str) -> None:
        self.address = address

    def send(self, account: Account, text: str, phone: str = "") -> None:
        """Hand the text to the gateway."""
        to = phone or account.phone_number()
        try:
            reply = httpx.post(self.address, json={"phone": to, "text": text}, timeout=5)
            reply.raise_for_status()
        except httpx.HTTPError as error:
            raise TryAgain("短信没有发出去。请过一分钟再试，或拨 12349。") from error


class RecordingSms:
    """Keeps the text in the database, where the demo page and tests read it."""

    def send(self, account: Account, text: str, phone: str = "") -> None:
        """Record the text."""
        to = encrypt(phone) if phone else b""
        kept = encrypt(text)
        TextMessage.objects.create(account=account, phone=to, text=kept, sent_at=clock.now())


def sms() -> Sms:
    """The adapter of this installation."""
    return GatewaySms(settings.SMS_GATEWAY) if settings.SMS_GATEWAY else RecordingSms()
