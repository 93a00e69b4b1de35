"""Which files are taken, told from their content and never from their name alone. Pure."""

import re
from enum import StrEnum
from pathlib import PurePosixPath

#: Bytes of one file.
LARGEST = 5 * 1024 * 1024


class FileKind(StrEnum):
    """What may be handed in, by media type."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    PDF = "application/pdf"


ENDINGS = {
    FileKind.JPEG: (".jpg", ".jpeg"),
    FileKind.PNG: (".png",),
    FileKind.WEBP: (".webp",),
    FileKind.PDF: (".pdf",),
}


def sniff(content: bytes) -> FileKind | None:
    """What the content begins and ends like; None for anything else."""
    if content.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in content[-64:]:
        return FileKind.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n") and b"IEND" in content[-64:]:
        return FileKind.PNG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return FileKind.WEBP
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-1024:]:
        return FileKind.PDF
    return None


def fitting(name: str, kind: FileKind) -> bool:
    """Whether the name's ending says what the content is."""
    return name.lower().endswith(ENDINGS[kind])


def clean_name(name: str) -> str:
    """The last part of a path without control and reserved characters, at most 80 long."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return re.sub(r'[\x00-\x1f\x7f<>:"|?*\u200b-\u200f\u202a-\u202e\u2066-\u2069]', "", last)[-80:]
