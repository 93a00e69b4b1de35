"""A file is what its bytes say."""

import pytest

from songbai.core.errors import Refused
from songbai.core.files.actions import (
    FileEmpty,
    FileTooLarge,
    Owner,
    WrongFile,
    store,
)
from songbai.core.files.models import StoredFile
from songbai.core.files.queries import content_of, get, visible
from songbai.core.files.rules import LARGEST, FileKind, clean_name, sniff
from tests.attack import refused
from tests.cast import Cast, acting

PDF = b"%PDF-1.7\nhello\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0" + b"x" * 90 + b"\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 60 + b"IEND\xaeB`\x82"


@pytest.mark.parametrize(
    ("content", "kind"),
    [(PDF, FileKind.PDF), (JPEG, FileKind.JPEG), (PNG, FileKind.PNG), (b"MZ\x90", None)],
)
def test_content_says_the_kind(content: bytes, kind: FileKind | None) -> None:
    assert sniff(content) == kind


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("a.pdf", b"", FileEmpty),
        ("a.pdf", PDF + b" " * LARGEST, FileTooLarge),
        ("a.pdf", b"<html><script>alert(1)</script>", WrongFile),
        ("a.jpg", PDF, WrongFile),
        ("a.pdf.exe", PDF, WrongFile),
        ("a.pdf", b"%PDF-1.7 /JavaScript (x) %%EOF", WrongFile),
        ("a.png", PNG[:40], WrongFile),
        ("a.svg", b"<svg onload=alert(1)>", WrongFile),
    ],
)
def test_other_files_are_refused(
    cast: Cast, name: str, content: bytes, error: type[Refused]
) -> None:
    with pytest.raises(error):
        store(cast.officer, Owner("500151001001"), name, content, "proof")


@pytest.mark.parametrize(
    ("name", "clean"),
    [("../../etc/a.pdf", "a.pdf"), ("C:\\x\\证明.pdf", "证明.pdf"), ('a"\r\n.pdf', "a.pdf")],
)
def test_a_name_cannot_lead_elsewhere(name: str, clean: str) -> None:
    assert clean_name(name) == clean


def kept(cast: Cast) -> StoredFile:
    with acting(cast.daughter):
        owner = Owner(cast.mother.region_id, cast.mother.pk)
        return store(cast.daughter, owner, "户口簿.pdf", PDF, "proof")


def test_content_is_encrypted_and_read_back(cast: Cast) -> None:
    file = kept(cast)
    assert PDF not in bytes(StoredFile.objects.get(pk=file.pk).content)
    assert content_of(file) == PDF


def test_who_sees_the_person_sees_the_file(cast: Cast) -> None:
    file = kept(cast)
    for actor in (cast.daughter, cast.officer):
        with acting(actor):
            assert get(actor, file.pk) == file
    for actor in (cast.stranger_family, cast.far_officer, cast.town_officer, cast.provider_staff):
        with acting(actor):
            assert not visible(actor).exists()
            assert not StoredFile.objects.exists()


def test_nobody_changes_a_file(cast: Cast) -> None:
    kept(cast)
    refused("UPDATE files_storedfile SET name = 'x'", "Cannot")
    with acting(cast.officer):
        refused("UPDATE files_storedfile SET name = 'x'", "permission denied")
