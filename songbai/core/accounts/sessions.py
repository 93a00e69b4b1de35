"""Sessions that nobody who can only send SQL can take over.

The database knows a session by the digest of what the cookie says, reads it out one at a time, and
what is in it is signed for that cookie: neither a listing nor a copy of another's session helps.
"""

from hashlib import sha256
from typing import Any

from django.contrib.sessions.backends.base import (
    VALID_KEY_CHARS,
    CreateError,
    SessionBase,
    UpdateError,
)
from django.utils.crypto import get_random_string

from songbai.core import clock
from songbai.core.sql import called

#: Letters of a key, as Django's own.
KEY_LENGTH = 32


def stored_as(session_key: str) -> str:
    """Under what the database keeps the session of a cookie."""
    return sha256(session_key.encode()).hexdigest()[:40]


class SessionStore(SessionBase):
    """The session of one request."""

    @property
    def key_salt(self) -> str:
        """What is signed for one cookie is nothing under another."""
        return f"songbai.sessions.{self.session_key}"

    def load(self) -> dict[str, Any]:
        """What the session holds; nothing when there is none."""
        data = called("sessions_read", stored_as(self.session_key or ""), clock.unmoved())
        if data is None:
            self._session_key = None
            return {}
        return self.decode(data)

    def exists(self, session_key: str) -> bool:
        """Whether there is such a session."""
        return called("sessions_read", stored_as(session_key), clock.unmoved()) is not None

    def create(self) -> None:
        """Begin a session under a new key."""
        self._session_key = get_random_string(KEY_LENGTH, VALID_KEY_CHARS)
        self.save(must_create=True)
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        """Keep what the session holds. Raises UpdateError when it was ended meanwhile."""
        if self.session_key is None:
            return self.create()
        held = self._get_session(no_load=must_create)  # type: ignore[attr-defined]  # not in stubs
        key, until = stored_as(self.session_key), self.get_expiry_date()
        kept = called("sessions_write", key, self.encode(held), until, must_create)
        if not kept:
            raise CreateError if must_create else UpdateError
        return None

    def delete(self, session_key: str | None = None) -> None:
        """End this session, or the one of a key."""
        key = session_key or self.session_key
        if key:
            called("sessions_end", stored_as(key))
