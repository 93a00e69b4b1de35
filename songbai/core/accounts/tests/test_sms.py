"""Texts are recorded, or handed to the gateway."""

from typing import Any

import httpx
import pytest
from pytest_django import Settings

from songbai.core.accounts.models import Account, TextMessage
from songbai.core.accounts.sms import GatewaySms, RecordingSms, sms
from songbai.core.errors import TryAgain
from tests.cast import Cast


def daughter(cast: Cast) -> Account:
    return Account.objects.get(pk=cast.daughter.account)


def test_without_a_gateway_texts_are_kept(cast: Cast) -> None:
    assert isinstance(sms(), RecordingSms)
    sms().send(daughter(cast), "您好")
    assert TextMessage.objects.get().words() == "您好"


def test_the_gateway_gets_phone_and_text(
    cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SMS_GATEWAY = "http://sms.example/send"
    sent: list[Any] = []

    def post(address: str, **given: Any) -> httpx.Response:
        sent.append((address, given["json"]))
        return httpx.Response(200, request=httpx.Request("POST", address))

    monkeypatch.setattr(httpx, "post", post)
    sms().send(daughter(cast), "您好")
    expected = {"phone": daughter(cast).phone_number(), "text": "您好"}
    assert sent == [("http://sms.example/send", expected)]


@pytest.mark.parametrize("answer", [500, 403, None])
def test_a_carrier_that_does_not_answer_says_try_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, answer: int | None
) -> None:
    def post(address: str, **given: Any) -> httpx.Response:
        if answer is None:
            raise httpx.ConnectError("away")
        return httpx.Response(answer, request=httpx.Request("POST", address))

    monkeypatch.setattr(httpx, "post", post)
    with pytest.raises(TryAgain, match="短信没有发出去"):
        GatewaySms("http://sms.example").send(daughter(cast), "您好")
