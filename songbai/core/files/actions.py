"""Taking a file."""

import hashlib
from dataclasses import dataclass

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.crypto import encrypt_bytes
from songbai.core.errors import Refused

from .apart import FileTooLarge, WrongFile, cleaned
from .models import StoredFile
from .rules import LARGEST, clean_name, fitting, sniff


class FileEmpty(Refused):
    """这个文件是空的，请重新选一个。"""

    field = "proof_file"


@dataclass(frozen=True)
class Owner:
    """Whose file it is."""

    region: str
    person_id: int | None = None
    organisation_id: int | None = None


def store(actor: Actor, owner: Owner, name: str, content: bytes, purpose: str) -> StoredFile:
    """Check a file, write it anew and keep it encrypted; who may see the owner may see it.

    Raises FileTooLarge, FileEmpty, WrongFile, TooManyPoints, Moving, PdfTooLarge, TryAgain.
    """
    if not content:
        raise FileEmpty
    if len(content) > LARGEST:
        raise FileTooLarge
    kind = sniff(content)
    if kind is None or not fitting(name, kind):
        raise WrongFile
    clean = cleaned(kind, content)
    return StoredFile.objects.create(
        region_id=owner.region,
        person_id=owner.person_id,
        organisation_id=owner.organisation_id,
        account_id=actor.account_id,
        name=clean_name(name),
        kind=kind,
        size=len(clean),
        digest=hashlib.sha256(clean).hexdigest(),
        purpose=purpose[:40],
        at=clock.now(),
        content=encrypt_bytes(clean),
    )
