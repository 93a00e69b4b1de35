"""Requests as a department signs them."""

import secrets

from cryptography.hazmat.primitives import hashes

from songbai.core import clock
from songbai.domain.feeds.rules.signing import sign_hmac, signed_text


def headers(
    key: tuple[str, str], method: str, target: str, body: bytes, **changed: str
) -> dict[str, str]:
    """What a department sends with a request."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(body)
    moment = changed.get("moment") or str(int(clock.now().timestamp()))
    nonce = changed.get("nonce") or secrets.token_hex(16)
    text = signed_text(method, target, key[0], moment, nonce, digest.finalize().hex())
    signature = changed.get("signature") or sign_hmac(bytes.fromhex(key[1]), text)
    return {
        "X-Songbai-Key": key[0],
        "X-Songbai-Time": moment,
        "X-Songbai-Nonce": nonce,
        "X-Songbai-Signature": signature,
    }
