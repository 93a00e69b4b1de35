"""What a department signs when it pushes a delivery, and how. Pure.

The signed text is five lines: method and path, key id, time, number used once, and SM3 of the body
in hex. HMAC-SM3 (GB/T 15852.2, GB/T 32905) with a shared secret, or Ed25519 with the department's
own key.
"""

from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import constant_time, hashes, hmac
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

#: A request signed longer ago, or further ahead, is not taken.
FRESH = timedelta(minutes=5)
#: Numbers used once are remembered for so long.
REMEMBERED = 3 * FRESH


def signed_text(
    method: str, path: str, key_id: str, timestamp: str, nonce: str, body_sm3: str
) -> bytes:
    """The five lines that are signed, joined by line feeds."""
    return "\n".join((f"{method} {path}", key_id, timestamp, nonce, body_sm3)).encode()


def sign_hmac(secret: bytes, text: bytes) -> str:
    """HMAC-SM3 in hex."""
    mac = hmac.HMAC(secret, hashes.SM3())
    mac.update(text)
    return mac.finalize().hex()


def is_signed_hmac(secret: bytes, text: bytes, signature: str) -> bool:
    """Whether the signature belongs to the text; compared in constant time."""
    return constant_time.bytes_eq(
        sign_hmac(secret, text).encode(), signature.strip().lower().encode()
    )


def is_signed_ed25519(public_key: bytes, text: bytes, signature: str) -> bool:
    """Whether the holder of the key signed the text; the signature is hex of 64 bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(bytes.fromhex(signature), text)
    except (InvalidSignature, ValueError):
        return False
    return True


def moment_of(timestamp: str) -> datetime | None:
    """The moment of a timestamp in whole seconds since 1970; None when it is not one."""
    if not timestamp.isdecimal() or not timestamp.isascii() or len(timestamp) > 11:
        return None
    return datetime.fromtimestamp(int(timestamp), UTC)


def is_fresh(timestamp: str, now: datetime) -> bool:
    """Whether the request was signed within five minutes of now."""
    moment = moment_of(timestamp)
    return moment is not None and abs(now - moment) <= FRESH


def is_nonce(text: str) -> bool:
    """Sixteen to sixty-four letters, digits, - and _."""
    return (
        16 <= len(text) <= 64
        and text.isascii()
        and text.replace("-", "").replace("_", "").isalnum()
    )
