"""Reading files, always as somebody."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from songbai.core.accounts.queries import people_of
from songbai.core.accounts.rules import Actor
from songbai.core.crypto import decrypt_bytes
from songbai.core.errors import NotFound
from songbai.core.regions.rules import bounds

from .models import StoredFile


def visible(actor: Actor) -> QuerySet[StoredFile]:
    """Files of the actor's area, of the people the family acts for, or handed in by oneself."""
    rows = StoredFile.objects.defer("content")
    if actor.is_system:
        return rows
    if actor.region is not None:
        low, high = bounds(actor.region)
        return rows.filter(region_id__gte=low, region_id__lte=high)
    own = rows.filter(account_id=actor.account)
    if actor.at_home:
        return own | rows.filter(person_id__in=people_of(actor))
    return own


def get(actor: Actor, file_id: UUID) -> StoredFile:
    """One file without its content.

    Raises NotFound.
    """
    found = visible(actor).filter(pk=file_id).first()
    if found is None:
        raise NotFound
    return found


def content_of(file: StoredFile) -> bytes:
    """The plain content of a file that came from a scoped query; the caller logs the look.

    Raises NotFound when it has been erased.
    """
    plain = decrypt_bytes(file.content)
    if not plain:
        raise NotFound("这个文件已经按规定清除了。")
    return plain
