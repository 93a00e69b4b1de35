"""Reading files, always as somebody."""

from uuid import UUID

from django.db.models import QuerySet

from songbai.core import scope
from songbai.core.accounts.rules import Actor
from songbai.core.crypto import decrypt_bytes
from songbai.core.errors import NotFound
from songbai.core.found import found_in

from .models import StoredFile


def visible(actor: Actor) -> QuerySet[StoredFile]:
    """Files of the actor's area, of the people the actor acts for, or handed in by oneself."""
    return scope.visible(StoredFile, actor).defer("content")


def get(actor: Actor, file_id: UUID) -> StoredFile:
    """One file without its content.

    Raises NotFound.
    """
    return found_in(visible(actor).filter(pk=file_id))


def content_of(file: StoredFile) -> bytes:
    """The plain content of a file that came from a scoped query; the caller logs the look.

    Raises NotFound when it has been erased.
    """
    plain = decrypt_bytes(file.content)
    if not plain:
        raise NotFound("这个文件已经按规定清除了。")
    return plain
