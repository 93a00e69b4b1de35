"""A file is what its bytes say."""

from io import BytesIO

import pytest
from PIL import ExifTags, Image

from songbai.core.errors import Refused
from songbai.core.files.actions import (
    FileEmpty,
    Owner,
    store,
)
from songbai.core.files.apart import FileTooLarge, WrongFile
from songbai.core.files.clean import rewritten
from songbai.core.files.models import StoredFile
from songbai.core.files.queries import content_of, get, visible
from songbai.core.files.rules import LARGEST, FileKind, clean_name, sniff
from tests.attack import refused
from tests.cast import Cast, acting
from tests.proofs import PDF, image, pdf

JPEG, PNG, WEBP = (image(kind) for kind in ("JPEG", "PNG", "WEBP"))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, FileKind.PDF),
        (JPEG, FileKind.JPEG),
        (PNG, FileKind.PNG),
        (WEBP, FileKind.WEBP),
        (b"MZ\x90", None),
    ],
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
        ("a.pdf", b"%PDF-1.7\nhello\n%%EOF\n", WrongFile),
        ("a.png", PNG[:40], WrongFile),
        ("a.png", PNG[:-30] + b"IEND", WrongFile),
        ("a.jpg", b"\xff\xd8\xff\xe0" + b"x" * 90 + b"\xff\xd9", WrongFile),
        ("a.webp", b"RIFF\0\0\0\0WEBP", WrongFile),
        ("a.svg", b"<svg onload=alert(1)>", WrongFile),
    ],
)
def test_other_files_are_refused(
    cast: Cast, name: str, content: bytes, error: type[Refused]
) -> None:
    with pytest.raises(error):
        store(cast.officer, Owner("500151001001"), name, content, "proof")


#: A link on a page that does this when it is pressed.
LINK = "/Annots [<</A <</S %s>>>>]"
ACTIVE = {
    "script": pdf("/OpenAction <</S /JavaScript /JS (x)>>"),
    "its name written otherwise": pdf("/OpenAction <</S /J#61vaScript /J#53 (x)>>"),
    "its kind elsewhere": pdf(
        "/OpenAction 4 0 R", objects="4 0 obj <</S 5 0 R>> endobj 5 0 obj /Launch endobj"
    ),
    "what it sends": pdf(page="/Annots [<</A <</S /SubmitForm /F (http://x)>>>>]"),
    "at the page's opening": pdf(page="/AA <<>>"),
    "a link that is a script": pdf(page="/Annots [<</A <</S /URI /URI (JavaScript:x)>>>>]"),
    "a link into the reader's disk": pdf(page="/Annots [<</A <</S /URI /URI (file:///x)>>>>]"),
    "a link to a neighbour's disk": pdf(page=LINK % r"/URI /URI (\\\\evil\\share\\x)"),
    "the same, written as of the web": pdf(page=LINK % "/URI /URI (//evil.example/x)"),
    "a link that begins with nothing": pdf(page=LINK % "/URI /URI (x.exe)"),
    "a thread of another file": pdf(page=LINK % "/Thread /F (//evil/x.pdf)"),
    "files that belong to it": pdf("/AF [<</Type /Filespec /F (//evil/x)>>]"),
    "the name of another file": pdf(page="/X <</Type /Filespec /F (//evil/x)>>"),
    "a page of the web at its opening": pdf("/OpenAction <</S /URI /URI (https://x)>>"),
    "the same, after its own": pdf(
        "/OpenAction <</S /GoTo /D [3 0 R /Fit] /Next 4 0 R>>",
        objects="4 0 obj <</S /URI /URI (https://x)>> endobj",
    ),
    "what empties a form": pdf(page=LINK % "/ResetForm"),
    "what prints": pdf(page=LINK % "/Named /N /Print"),
    "what prints after a link": pdf(
        page=LINK % "/GoTo /D [3 0 R /Fit] /Next [4 0 R]",
        objects="4 0 obj <</S /Named /N /Print>> endobj",
    ),
    "a body with a script": pdf(
        page="/Annots [<</3DD 4 0 R>>]",
        objects="4 0 obj <</OnInstantiate 4 0 R /Length 1>> stream\nx\nendstream endobj",
    ),
    "a stream that lies elsewhere": pdf(
        page="/Contents 4 0 R",
        objects="4 0 obj <</F (/etc/passwd) /Length 1>> stream\nx\nendstream endobj",
    ),
    "another file": pdf("/Names <</EmbeddedFiles <<>>>>"),
    "a form of scripts": pdf("/AcroForm <</XFA (x)>>"),
    "for somebody with a password": pdf().replace(b"/Root", b"/Encrypt <</V 1>> /Root"),
    "without a page": pdf().replace(b"[3 0 R] /Count 1", b"[] /Count 0"),
}


@pytest.mark.parametrize("content", ACTIVE.values(), ids=list(ACTIVE))
def test_a_pdf_that_does_something_is_refused(content: bytes) -> None:
    assert rewritten(FileKind.PDF, content) is None


def test_a_pdf_that_only_shows_is_taken() -> None:
    link = pdf("/OpenAction [3 0 R /Fit]", "/Annots [<</A <</S /URI /URI (https://x)>>>>]")
    assert rewritten(FileKind.PDF, link)
    place = pdf("/OpenAction <</S /GoTo /D [3 0 R /Fit]>>", LINK % "/GoTo /D [3 0 R /Fit]")
    assert rewritten(FileKind.PDF, place)
    drawn = pdf("/PageLabels <</Nums [0 <</S /D>>]>>", "/Annots [<</BS <</S /S>>>>]")
    assert rewritten(FileKind.PDF, drawn)
    assert rewritten(FileKind.PDF, PDF + b"<script>\n%%EOF") is None


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_of_an_image_remains_what_one_sees(kind: str) -> None:
    told = Image.Exif()
    told[ExifTags.Base.Orientation] = 6
    told[ExifTags.Base.Make] = "a camera"
    content = image(kind, (40, 20), exif=told)
    clean = rewritten(FileKind[kind], content + b"<script>alert(1)</script>")
    assert clean and b"script" not in clean and b"camera" not in clean
    with Image.open(BytesIO(clean)) as shown:
        assert (shown.size, dict(shown.getexif())) == ((20, 40), {})
        red, green, blue = shown.convert("RGB").getpixel((10, 20))  # type: ignore[misc]
        assert red > 240 and green < 15 and blue < 15


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
