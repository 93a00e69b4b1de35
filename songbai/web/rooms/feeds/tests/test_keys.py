"""Keys of departments: shown once, used, taken back, each in its own place."""

from datetime import timedelta

import pytest
from django.urls import reverse

from songbai.core import clock
from songbai.core.errors import NotAllowed, NotFound
from songbai.core.events.models import Event
from songbai.domain.feeds.actions.keys import Request, admit, issue_key, recognise, revoke_key
from songbai.domain.feeds.errors import WrongSignature
from songbai.domain.feeds.models import FeedKey
from songbai.domain.feeds.rules.signing import sign_hmac, signed_text
from tests.cast import Cast
from tests.doors import LogIn


def signed(key: FeedKey, secret: str, nonce: str) -> Request:
    """A request of the department, signed now."""
    said = ("POST", "/api/feeds/", key.key_id, f"{clock.now().timestamp():.0f}", nonce, "0" * 64)
    return Request(*said[:5], sign_hmac(bytes.fromhex(secret), signed_text(*said)), said[5])


def used(request: Request) -> None:
    """A request of a department that is recognised and admitted."""
    admit(recognise(request)[1], request.nonce)


def test_a_key_is_shown_once_and_never_again(cast: Cast, log_in: LogIn) -> None:
    client, url = log_in(cast.officer), reverse("bureau:feed_keys")
    reply = client.post(url, {"what": "renshe:renshe_pensions"})
    secret = str(reply.context["secret"])
    assert len(secret) == 64
    assert secret in reply.content.decode()
    assert reply["Cache-Control"] == "no-store"
    again = client.get(url).content.decode()
    key = FeedKey.objects.get()
    assert (key.key_id in again, secret in again) == (True, False)
    assert (key.feeds, key.issued_by) == (["renshe_pensions"], "刘局")
    assert Event.objects.filter(kind="feeds.key_issued").count() == 1


def test_its_last_use_is_shown_and_it_is_taken_back(cast: Cast, log_in: LogIn) -> None:
    key, secret = issue_key(cast.officer, "renshe", "500151")
    used(signed(key, secret, "n" * 16))
    client = log_in(cast.officer)
    assert "还没有用过" not in client.get(reverse("bureau:feed_keys")).content.decode()
    reply = client.post(reverse("bureau:feed_key_revoke", args=[key.key_id]))
    assert reply.status_code == 302
    with pytest.raises(WrongSignature):
        used(signed(key, secret, "m" * 16))
    assert "已收回" in client.get(reverse("bureau:feed_keys")).content.decode()


def test_uses_of_one_minute_are_written_once(cast: Cast) -> None:
    key, secret = issue_key(cast.officer, "renshe", "500151")
    used(signed(key, secret, "n" * 16))
    first = FeedKey.objects.get().last_used_at
    used(signed(key, secret, "m" * 16))
    assert FeedKey.objects.get().last_used_at == first
    with clock.moved_to(clock.now() + timedelta(minutes=5)):
        used(signed(key, secret, "o" * 16))
    assert FeedKey.objects.get().last_used_at != first


def test_what_was_typed_stays_when_the_public_key_is_wrong(cast: Cast, log_in: LogIn) -> None:
    asked = {"what": "renshe:", "public_key": "abc"}
    reply = log_in(cast.officer).post(reverse("bureau:feed_keys"), asked)
    assert reply.status_code == 422
    assert 'value="abc"' in reply.content.decode()
    assert not FeedKey.objects.exists()


def test_nobody_issues_or_revokes_for_another_place(cast: Cast, log_in: LogIn) -> None:
    with pytest.raises(NotAllowed):
        issue_key(cast.town_officer, "renshe", "500151")
    key, _ = issue_key(cast.officer, "renshe", "500151")
    with pytest.raises(NotFound):
        revoke_key(cast.far_officer, key.key_id)
    assert (
        key.key_id not in log_in(cast.far_officer).get(reverse("bureau:feed_keys")).content.decode()
    )
    with pytest.raises(NotAllowed):
        issue_key(cast.daughter, "renshe", "500151")


def test_a_town_makes_itself_no_department(cast: Cast, log_in: LogIn) -> None:
    with pytest.raises(NotAllowed):
        issue_key(cast.town_officer, "gongan", cast.town_officer.region or "")
    page = log_in(cast.town_officer).get(reverse("bureau:feed_keys"))
    assert "发一把密钥" not in page.content.decode()
