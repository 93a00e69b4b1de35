"""Logging in through the pages, as a family and as staff."""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from songbai.core import clock
from songbai.core.accounts.models import Account, Role
from songbai.core.accounts.rules import Actor
from songbai.core.accounts.sessions import SessionStore
from songbai.domain.elders.declares import DISPATCHER, FAMILY
from songbai.web.doors import source_of
from songbai.web.rooms.accounts.entrance import PHONE_KEY
from tests.cast import PASSWORD, Cast, code_of, dynamic_code, phone_of


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


@pytest.mark.parametrize(
    ("wanted", "field"),
    [("/desk/", "username"), ("/caregiver/", "username"), ("/family/", "phone"), ("", "phone")],
)
def test_the_page_asks_how_people_of_the_door_log_in(
    client: Client, cast: Cast, wanted: str, field: str
) -> None:
    shown = client.get(reverse("accounts:login"), {"next": wanted}).content.decode()
    assert [f'name="{one}"' in shown for one in ("username", "phone")] == [
        field == "username",
        field == "phone",
    ]


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
    assert reply["Location"].startswith(reverse("accounts:code"))


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


def log_in(client: Client, actor: Actor) -> None:
    """As the login page and the demo's list of people do it."""
    if actor.kind == FAMILY:
        ask_code(client, actor)
        reply = client.post(reverse("accounts:code"), {"code": code_of(actor)})
    else:
        given = {
            "tab": "staff",
            "username": phone_of(actor),
            "password": PASSWORD,
            "token": dynamic_code(actor),
        }
        reply = client.post(reverse("accounts:login"), given)
    assert reply.status_code == 302


def key_of(client: Client) -> str:
    """What the browser's cookie says."""
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def opens(key: str) -> bool:
    """Whether a cookie is anything to anybody."""
    return bool(SessionStore(key).load())


@pytest.mark.parametrize(
    "who", ["daughter", "caregiver", "officer", "dispatcher", "provider_staff"]
)
def test_a_session_that_was_planted_ends_with_the_login(
    client: Client, cast: Cast, who: str
) -> None:
    ask_code(client, cast.stranger_family)
    planted = key_of(client)
    assert opens(planted)
    log_in(client, getattr(cast, who))
    assert opens(key_of(client))
    assert not opens(planted)


@pytest.mark.parametrize("who", ["daughter", "officer"])
def test_who_logs_in_over_somebody_or_again_begins_a_new_session(
    client: Client, cast: Cast, who: str
) -> None:
    log_in(client, cast.provider_staff)
    provider = key_of(client)
    log_in(client, getattr(cast, who))
    first = key_of(client)
    assert not opens(provider)
    with clock.moved_to(clock.now() + timedelta(minutes=2)):
        log_in(client, getattr(cast, who))
    assert not opens(first)
    assert opens(key_of(client))


def test_who_is_asked_for_the_name_after_the_code_has_another_session_by_then(
    client: Client, cast: Cast
) -> None:
    long_ago = clock.now() - timedelta(days=400)
    mine = Account.objects.filter(pk=cast.daughter.account)
    mine.update(created_at=long_ago, last_login=long_ago)
    ask_code(client, cast.daughter)
    planted = key_of(client)
    reply = client.post(reverse("accounts:code"), {"code": code_of(cast.daughter)})
    assert reply["Location"].startswith(reverse("accounts:name"))
    named = key_of(client)
    assert not opens(planted)
    client.post(reverse("accounts:name"), {"name": "王敏"})
    assert not opens(named)
    assert client.session["_auth_user_id"]


def test_who_acts_in_another_role_does_so_in_another_session(client: Client, cast: Cast) -> None:
    account = Account.objects.get(pk=cast.officer.account)
    role = Role.objects.create(account=account, kind=DISPATCHER, scope="500151", title="调度")
    log_in(client, cast.officer)
    before = key_of(client)
    assert client.post(reverse("accounts:role", args=[role.pk])).status_code == 302
    assert not opens(before)
    assert client.get("/desk/").status_code == 200


def test_demo_accounts_are_shown_only_in_the_demo(client: Client, cast: Cast) -> None:
    assert client.get(reverse("accounts:demo")).status_code == 404


def test_leaving_ends_the_session(client: Client, cast: Cast) -> None:
    ask_code(client, cast.daughter)
    client.post(reverse("accounts:code"), {"code": code_of(cast.daughter)})
    client.post(reverse("accounts:logout"))
    assert client.get("/live/?topic=person:1").status_code == 401


def kept(client: Client) -> str:
    """What the session of a browser holds, in plain words."""
    return json.dumps(dict(client.session.items()))


def test_no_session_holds_a_phone_in_plain_words(client: Client, cast: Cast) -> None:
    ask_code(client, cast.daughter)
    assert phone_of(cast.daughter) not in kept(client)
    client.post(reverse("accounts:code"), {"code": code_of(cast.daughter)})
    assert client.session["_auth_user_id"]
    assert PHONE_KEY not in client.session


def test_who_tries_too_often_is_told_so_and_not_that_the_code_is_wrong(
    client: Client, cast: Cast
) -> None:
    ask_code(client, cast.daughter)
    for _ in range(6):
        reply = client.post(reverse("accounts:code"), {"code": "000000"})
    assert reply.status_code == 422
    assert "试的次数太多" in reply.text
    assert "验证码不对" not in reply.text


def test_asking_for_the_head_of_the_page_is_no_try(client: Client, cast: Cast) -> None:
    assert client.head(reverse("accounts:login")).status_code == 200
    reply = client.head(reverse("family:home"), {"month": "2026-11"})
    assert reply["Location"].endswith("month%3D2026-11")


@pytest.mark.parametrize(
    ("proxies", "told", "source"),
    [
        (0, "8.8.8.8", "127.0.0.1"),
        (1, "8.8.8.8", "8.8.8.8"),
        (1, "6.6.6.6, 8.8.8.8", "8.8.8.8"),
        (2, "6.6.6.6, 8.8.8.8, 10.0.0.1", "8.8.8.8"),
        (1, "2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        (1, "::ffff:198.51.100.1", "198.51.100.1"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
        (1, "64:ff9b::cb00:7109", "203.0.113.9"),
        (1, "2002:cb00:7109::1", "203.0.113.9"),
        (1, "203.0.113.9:50612", "203.0.113.9"),
        (1, "[2001:db8:1:2:3::4]:443", "2001:db8:1:2::/64"),
        (1, "[::ffff:203.0.113.9]:443", "203.0.113.9"),
        (1, "8.8.8.8, ", "8.8.8.8"),
        (1, "fe80::1%eth0", "fe80::/64"),
        (1, "nonsense", ""),
        (1, "", "127.0.0.1"),
    ],
)
def test_only_our_own_proxies_are_believed(
    settings: Settings, proxies: int, told: str, source: str
) -> None:
    settings.PROXIES = proxies
    given = {"X-Forwarded-For": told} if told else {}
    assert source_of(RequestFactory().get("/", headers=given)) == source
