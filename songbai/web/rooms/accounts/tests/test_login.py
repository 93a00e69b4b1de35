"""Logging in through the pages, as a family and as staff."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from songbai.core.accounts.models import Account, TextMessage
from songbai.core.accounts.rules import Actor
from tests.cast import PASSWORD, Cast


def phone_of(actor: Actor) -> str:
    return Account.objects.get(pk=actor.account).phone_number()


def code_of(actor: Actor) -> str:
    text = TextMessage.objects.filter(account_id=actor.account).latest("sent_at").text
    return "".join(filter(str.isdigit, text.split("，")[0]))


def dynamic_code(actor: Actor) -> str:
    device = TOTPDevice.objects.get(user_id=actor.account)
    return f"{totp(device.bin_key):06d}"


def ask_code(client: Client, actor: Actor, target: str = "") -> None:
    reply = client.post(reverse("accounts:login"), {"phone": phone_of(actor), "next": target})
    assert reply.status_code == 302


def test_a_daughter_logs_in_with_the_code_on_her_phone(client: Client, cast: Cast) -> None:
    ask_code(client, cast.daughter)
    reply = client.post(reverse("accounts:code"), {"code": code_of(cast.daughter)})
    assert reply.status_code == 302
    assert reply["Location"] == "/family/"


def test_she_comes_back_to_where_she_was(client: Client, cast: Cast) -> None:
    ask_code(client, cast.daughter, "/family/orders/")
    code = code_of(cast.daughter)
    reply = client.post(reverse("accounts:code"), {"code": code, "next": "/family/orders/"})
    assert reply["Location"] == "/family/orders/"


def test_nobody_is_led_to_another_site(client: Client, cast: Cast) -> None:
    ask_code(client, cast.daughter)
    code = code_of(cast.daughter)
    reply = client.post(reverse("accounts:code"), {"code": code, "next": "https://evil.example/"})
    assert reply["Location"] == "/family/"


def test_a_wrong_code_is_refused_in_words(client: Client, cast: Cast) -> None:
    ask_code(client, cast.daughter)
    wrong = f"{(int(code_of(cast.daughter)) + 1) % 1_000_000:06d}"
    reply = client.post(reverse("accounts:code"), {"code": wrong})
    assert reply.status_code == 422
    assert "验证码不对" in reply.content.decode()


def test_an_unknown_phone_gets_the_same_answer(client: Client, cast: Cast) -> None:
    reply = client.post(reverse("accounts:login"), {"phone": "12011112222"})
    assert reply.status_code == 302
    assert not TextMessage.objects.exists()


@pytest.mark.parametrize("phone", ["", "12345", "abc", "2" * 11])
def test_a_phone_that_is_none_is_named(client: Client, cast: Cast, phone: str) -> None:
    reply = client.post(reverse("accounts:login"), {"phone": phone})
    assert reply.status_code == 422
    assert "手机号" in reply.content.decode()


def test_staff_log_in_with_password_and_dynamic_code(client: Client, cast: Cast) -> None:
    given = {
        "tab": "staff",
        "username": phone_of(cast.officer),
        "password": PASSWORD,
        "token": dynamic_code(cast.officer),
    }
    reply = client.post(reverse("accounts:login"), given)
    assert reply["Location"] == "/bureau/"


@pytest.mark.parametrize("change", [{"password": "wrong-password"}, {"token": "000000"}])
def test_one_factor_is_not_enough(client: Client, cast: Cast, change: dict[str, str]) -> None:
    given = {
        "tab": "staff",
        "username": phone_of(cast.officer),
        "password": PASSWORD,
        "token": dynamic_code(cast.officer),
    }
    reply = client.post(reverse("accounts:login"), given | change)
    assert reply.status_code == 422
    assert reply.wsgi_request.user.is_anonymous
    assert phone_of(cast.officer) in reply.content.decode()


def test_demo_accounts_are_shown_only_in_the_demo(client: Client, cast: Cast) -> None:
    assert client.get(reverse("accounts:demo")).status_code == 404


def test_leaving_ends_the_session(client: Client, cast: Cast) -> None:
    ask_code(client, cast.daughter)
    client.post(reverse("accounts:code"), {"code": code_of(cast.daughter)})
    client.post(reverse("accounts:logout"))
    assert client.get("/live/?topic=person:1").status_code == 401
