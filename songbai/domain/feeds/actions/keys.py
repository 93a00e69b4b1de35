"""Keys of departments to the machine's door: issued, revoked, and checked at every request."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from songbai.core import clock
from songbai.core.acting import Actor, Reach, publish, require, require_district, system_only
from songbai.core.crypto import decrypt, encrypt
from songbai.core.errors import NotFound, Refused
from songbai.core.found import found_in, refusing
from songbai.core.regions.queries import region as region_by_code
from songbai.core.signing import asked
from songbai.domain.feeds.declares import DEPARTMENT, FEED_KEY
from songbai.domain.feeds.errors import UnknownFeed, WrongSignature
from songbai.domain.feeds.models import FeedKey, Nonce
from songbai.domain.feeds.queries import keys_of
from songbai.domain.feeds.rules.schema import DEPARTMENTS, schemas
from songbai.domain.feeds.rules.signing import (
    REMEMBERED,
    is_fresh,
    is_nonce,
    is_signed_ed25519,
    is_signed_hmac,
    signed_text,
)

#: Uses within this time are one.
_ONE_USE = timedelta(minutes=1)


class WrongPublicKey(Refused):
    """公钥应是 Ed25519 的 32 字节，写成 64 位十六进制。"""

    field = "public_key"


@dataclass(frozen=True)
class Request:
    """What a signed request says about itself; ``body_sm3`` is computed from what arrived."""

    method: str
    path: str
    key_id: str
    timestamp: str
    nonce: str
    signature: str
    body_sm3: str


@transaction.atomic
def issue_key(
    actor: Actor,
    department: str,
    scope: str,
    feeds: Sequence[str] = (),
    *,
    public_key: str = "",
) -> tuple[FeedKey, str]:
    """A new key for a department; returns the secret once (hex), "" when it brought its own.

    ``scope``: code prefix of the division it may deliver for. ``feeds``: none means all feeds of
    the department. ``public_key``: hex of an Ed25519 key; without it an HMAC-SM3 secret is drawn.
    Raises NotAllowed, UnknownFeed, UnknownRegion, WrongPublicKey.
    """
    require_district(actor, FEED_KEY)
    own = [code for code, schema in schemas().items() if schema.department == department]
    wanted = list(feeds) or own
    if department not in DEPARTMENTS or not wanted or set(wanted) - set(own):
        raise UnknownFeed("没有这个部门，或这个部门没有这种数据。")
    place = region_by_code(scope)
    require(actor, FEED_KEY, Reach(place.code))
    if public_key and not _is_ed25519(public_key):
        raise WrongPublicKey
    secret = public_key or secrets.token_hex(32)
    algorithm = FeedKey.Algorithm.ED25519 if public_key else FeedKey.Algorithm.HMAC_SM3
    issued = f"{department}-{secrets.token_hex(4)}", department, scope, wanted, algorithm.value
    number = asked("feeds_issue_key", *issued, encrypt(secret), clock.now(), actor.name)
    key = FeedKey.objects.get(pk=number)
    publish(
        "feeds.key_issued", actor, subject=("feed_key", key.pk), region=place.code, key=key.key_id
    )
    return key, "" if public_key else secret


@transaction.atomic
def revoke_key(actor: Actor, key_id: str) -> FeedKey:
    """From now on nothing signed with this key is taken. Raises NotAllowed, NotFound."""
    require(actor, FEED_KEY)
    key = found_in(keys_of(actor).filter(key_id=key_id), NotFound("没有这把密钥。"))
    if asked("feeds_revoke_key", key.pk, clock.now(), actor.name):
        key.refresh_from_db()
        publish(
            "feeds.key_revoked",
            actor,
            subject=("feed_key", key.pk),
            region=region_by_code(key.scope).code,
            key=key.key_id,
        )
    return key


def expect(key_id: str, timestamp: str) -> None:
    """Look whether it is worth reading what follows. Raises WrongSignature."""
    known = FeedKey.objects.filter(key_id=key_id, revoked_at=None).exists()
    if not known or not is_fresh(timestamp, clock.now()):
        raise WrongSignature


def recognise(request: Request) -> tuple[Actor, FeedKey]:
    """Who signed this request: the department as an actor of its division, to be admitted.

    Raises WrongSignature, the same for every cause: a stranger learns nothing about which keys
    exist.
    """
    now = clock.now()
    key = FeedKey.objects.filter(key_id=request.key_id, revoked_at=None).first()
    if key is None or not is_fresh(request.timestamp, now) or not is_nonce(request.nonce):
        raise WrongSignature
    text = signed_text(
        request.method,
        request.path,
        request.key_id,
        request.timestamp,
        request.nonce,
        request.body_sm3,
    )
    checks = {
        FeedKey.Algorithm.HMAC_SM3.value: is_signed_hmac,
        FeedKey.Algorithm.ED25519.value: is_signed_ed25519,
    }
    if not checks[key.algorithm](bytes.fromhex(decrypt(key.secret)), text, request.signature):
        raise WrongSignature
    return department_actor(key), key


def admit(key: FeedKey, nonce: str) -> None:
    """Spend the number used once, in the scope of who was recognised. Raises WrongSignature."""
    now = clock.now()
    with refusing(WrongSignature):
        asked("feeds_spend_nonce", key.pk, nonce, now)
    if key.last_used_at is None or key.last_used_at <= now - _ONE_USE:
        asked("feeds_use_key", key.pk, now)


def department_actor(key: FeedKey) -> Actor:
    """The department behind a key: may deliver in its division and nothing else."""
    return Actor(
        account_id=None,
        name=f"{DEPARTMENTS[key.department]}接口",
        kind=DEPARTMENT,
        region=key.scope,
    )


@transaction.atomic
def forget_nonces(actor: Actor) -> int:
    """Drop numbers whose requests are too old to be taken anyway. Raises NotAllowed."""
    system_only(actor)
    old = clock.now() - max(REMEMBERED, timedelta(minutes=1))
    return Nonce.objects.filter(at__lt=old).delete()[0]


def _is_ed25519(text: str) -> bool:
    try:
        return len(bytes.fromhex(text)) == 32
    except ValueError:
        return False
