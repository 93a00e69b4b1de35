"""The machine's door: signed, once, and only for what the key is for."""

import json
import secrets
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.accounts.rules import SYSTEM
from songbai.core.errors import NotAllowed
from songbai.domain.feeds.actions.checking import check
from songbai.domain.feeds.actions.keys import forget_nonces, issue_key, revoke_key
from songbai.domain.feeds.actions.writing import write
from songbai.domain.feeds.errors import UnknownFeed
from songbai.domain.feeds.models import Delivery, FeedKey, Nonce
from songbai.domain.feeds.rules.signing import signed_text
from songbai.domain.feeds.tests.deliveries import MOTHER, pension, text_of
from tests.cast import Cast
from tests.together import failures, together

from .signing import headers

TARGET = "/api/feeds/renshe_pensions/deliveries?delivery=rs-2026-10"
BODY = text_of([pension(MOTHER, "王桂英", "约两千")])


@pytest.fixture
def key(cast: Cast) -> tuple[str, str]:
    """A key of the pension office for the district: its id and its secret."""
    issued, secret = issue_key(SYSTEM, "renshe", "500151")
    return issued.key_id, secret


def push(key: tuple[str, str], *, body: bytes = BODY, target: str = TARGET, **changed: Any) -> Any:
    """A signed push."""
    return Client().post(
        target,
        body,
        content_type="text/csv",
        headers=headers(key, "POST", target, body, **changed),
    )


def ask(key: tuple[str, str], target: str) -> Any:
    """A signed question."""
    return Client().get(target, headers=headers(key, "GET", target, b""))


def test_a_signed_push_is_taken(key: tuple[str, str]) -> None:
    reply = push(key)
    assert reply.status_code == 202
    assert reply.json()["state"] == "received"
    delivery = Delivery.objects.get()
    assert (delivery.sender, delivery.way, delivery.region_id) == (
        "人社接口",
        "api",
        "500151000000",
    )


def test_the_same_push_again_is_the_same_delivery(key: tuple[str, str]) -> None:
    push(key)
    again = push(key)
    assert (again.status_code, again.json()["times_received"]) == (200, 2)
    assert Delivery.objects.count() == 1


def test_the_head_of_an_answer_is_asked_for_as_the_answer(key: tuple[str, str]) -> None:
    push(key)
    where = TARGET.replace("?delivery=", "/")
    for target in (where, f"{where}/refused"):
        assert Client().head(target).status_code == 401
        signed = headers(key, "HEAD", target, b"")
        assert Client().head(target, headers=signed).status_code == 200


def test_the_department_reads_what_went_back_and_no_cell(key: tuple[str, str]) -> None:
    push(key)
    pk = Delivery.objects.get().pk
    check(SYSTEM, pk)
    write(SYSTEM, pk)
    standing = ask(key, "/api/feeds/renshe_pensions/deliveries/rs-2026-10").json()
    assert (standing["state"], standing["refused"]) == ("written", 1)
    reply = ask(key, "/api/feeds/renshe_pensions/deliveries/rs-2026-10/refused")
    assert reply.json()[0]["problems"][0]["title"] == "月养老金"
    assert "约两千" not in reply.content.decode()


@pytest.mark.parametrize(
    "changed",
    [{"signature": "0" * 64}, {"signature": ""}, {"moment": "1700000000"}, {"nonce": "short"}],
)
def test_what_is_wrongly_signed_is_not_taken(key: tuple[str, str], changed: dict[str, Any]) -> None:
    if changed == {"signature": ""}:
        changed = {"signature": "é"}
    assert push(key, **changed).status_code == 401
    assert not Delivery.objects.exists()


def test_a_request_played_again_is_not_taken(key: tuple[str, str]) -> None:
    sent = headers(key, "POST", TARGET, BODY)
    replies = [
        Client().post(TARGET, BODY, content_type="text/csv", headers=sent).status_code
        for _ in range(2)
    ]
    assert replies == [202, 401]


def test_a_changed_body_is_not_taken(key: tuple[str, str]) -> None:
    sent = headers(key, "POST", TARGET, BODY)
    reply = Client().post(TARGET, BODY + b" ", content_type="text/csv", headers=sent)
    assert reply.status_code == 401


def test_a_changed_address_is_not_taken(key: tuple[str, str]) -> None:
    sent = headers(key, "POST", TARGET, BODY)
    reply = Client().post(f"{TARGET}1", BODY, content_type="text/csv", headers=sent)
    assert reply.status_code == 401


def test_a_revoked_key_opens_nothing(key: tuple[str, str]) -> None:
    revoke_key(SYSTEM, key[0])
    assert push(key).status_code == 401


def test_a_key_is_for_its_own_feeds(key: tuple[str, str]) -> None:
    target = TARGET.replace("renshe_pensions", "gongan_deaths")
    assert push(key, target=target).status_code == 403


def test_a_key_is_for_its_own_division(key: tuple[str, str]) -> None:
    assert push(key, target=f"{TARGET}&region=500152").status_code == 403
    assert not Delivery.objects.exists()


def test_another_divisions_delivery_is_not_found(key: tuple[str, str]) -> None:
    push(key)
    other, secret = issue_key(SYSTEM, "renshe", "500152")
    reply = ask((other.key_id, secret), "/api/feeds/renshe_pensions/deliveries/rs-2026-10")
    assert reply.status_code == 404


def test_one_number_for_two_contents_is_refused(key: tuple[str, str]) -> None:
    push(key)
    assert push(key, body=BODY + b"\r\n").status_code == 409


def test_a_wrong_address_says_what_is_wrong(key: tuple[str, str]) -> None:
    reply = push(key, target="/api/feeds/renshe_pensions/deliveries?delivery=x")
    assert reply.status_code == 422


def test_a_department_may_sign_with_its_own_key(cast: Cast) -> None:
    own = Ed25519PrivateKey.generate()
    public = own.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    issued, secret = issue_key(SYSTEM, "renshe", "500151", public_key=public)
    assert secret == ""
    digest = hashes.Hash(hashes.SM3())
    digest.update(BODY)
    moment, nonce = str(int(clock.now().timestamp())), secrets.token_hex(16)
    text = signed_text("POST", TARGET, issued.key_id, moment, nonce, digest.finalize().hex())
    signature = own.sign(text).hex()
    reply = push((issued.key_id, "00"), moment=moment, nonce=nonce, signature=signature)
    assert reply.status_code == 202


def test_a_secret_is_not_kept_in_plain(key: tuple[str, str]) -> None:
    assert key[1].encode() not in bytes(FeedKey.objects.get().secret)


def test_keys_are_given_out_by_officers_of_the_place_and_the_program(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        issue_key(cast.far_officer, "renshe", "500151")
    with pytest.raises(UnknownFeed):
        issue_key(SYSTEM, "renshe", "500151", ["gongan_deaths"])


def test_old_numbers_are_forgotten_and_fresh_ones_not(key: tuple[str, str]) -> None:
    push(key)
    assert forget_nonces(SYSTEM) == 0
    Nonce.objects.update(at=clock.now() - timedelta(hours=1))
    assert forget_nonces(SYSTEM) == 1


def test_the_description_is_for_officers(cast: Cast) -> None:
    client = Client()
    assert client.get("/api/openapi.json").status_code == 404
    client.force_login(
        Account.objects.get(pk=cast.officer.account),
        backend="songbai.core.accounts.backends.PasswordBackend",
    )
    described = json.loads(client.get("/api/openapi.json").content)
    assert "/api/feeds/{feed}/deliveries" in described["paths"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("bodies", "expected"), [(1, [200] * 7 + [202]), (8, [202] + [409] * 7)])
def test_eight_at_once_under_one_number_are_one_delivery(
    key: tuple[str, str], bodies: int, expected: list[int]
) -> None:
    """The same file again is the same delivery; another file under its number is refused."""
    sent = [BODY.replace("约两千".encode(), str(1000 + at % bodies).encode()) for at in range(8)]
    outcomes = together(*(lambda body=body: push(key, body=body).status_code for body in sent))
    assert failures(outcomes) == []
    assert sorted(map(str, outcomes)) == sorted(map(str, expected))
    [delivery] = Delivery.objects.all()
    assert delivery.times_received == expected.count(200) + 1
