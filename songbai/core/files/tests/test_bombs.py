"""Small files that grow when they are opened, and what a PDF says beside what one sees."""

import struct
import subprocess
import sys
import zlib
from io import BytesIO

import pypdf
import pytest
from PIL import ExifTags, Image

from songbai.core.errors import Refused
from songbai.core.files import apart
from songbai.core.files.actions import Owner, store
from songbai.core.files.apart import FileTooLarge, WrongFile, cleaned
from songbai.core.files.clean import Moving, PdfTooLarge, TooManyPoints, rewritten
from songbai.core.files.rules import FileKind
from tests.cast import Cast
from tests.proofs import image, pdf

SIDE = 50_000
#: Megabytes that a file may take which is refused early.
EARLY = 20


def png(width: int, height: int, *chunks: bytes) -> bytes:
    """A picture of nothing, packed as tight as it goes."""
    row = zlib.compress(bytes((width + 7) // 8 + 1) * min(height, 64), 9)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = [b"IHDR" + header, *chunks, b"IDAT" + row, b"IEND"]
    whole = [
        struct.pack(">I", len(one) - 4) + one + struct.pack(">I", zlib.crc32(one)) for one in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(whole)


def jpeg(width: int, height: int) -> bytes:
    """A small one that says it is large."""
    small = image("JPEG", (8, 8))
    at = small.index(b"\xff\xc0") + 5
    return small[:at] + struct.pack(">HH", height, width) + small[at + 4 :]


def webp(width: int, height: int) -> bytes:
    """The same."""
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + sides + image("WEBP", (8, 8))[12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


def moving(kind: str, frames: int = 3) -> bytes:
    """A picture of several frames."""
    written = BytesIO()
    many = [Image.new("RGB", (9, 9), (at, 0, 0)) for at in range(frames)]
    many[0].save(written, kind, save_all=True, append_images=many[1:])
    return written.getvalue()


def large_pdf(pages: int = 1, box: str = "[0 0 72 72]", page: str = "", objects: str = "") -> bytes:
    """So many pages, all the same one."""
    kids = " ".join(["3 0 R"] * pages)
    return (
        pdf(page=page, objects=objects)
        .replace(b"[3 0 R] /Count 1", f"[{kids}] /Count {pages}".encode())
        .replace(b"[0 0 72 72]", box.encode())
    )


TREE = " ".join(
    f"{at} 0 obj <</Type /Pages /Kids [{f'{at + 1} 0 R ' * 10}]>> endobj" for at in range(4, 14)
)
BOMBS: dict[str, tuple[FileKind, bytes, type[Refused]]] = {
    "png": (FileKind.PNG, png(SIDE, SIDE), TooManyPoints),
    "png beyond the most by little": (FileKind.PNG, png(10_000, 9_500), TooManyPoints),
    "jpeg": (FileKind.JPEG, jpeg(SIDE, SIDE), TooManyPoints),
    "webp": (FileKind.WEBP, webp(SIDE, SIDE), TooManyPoints),
    "moving png": (FileKind.PNG, moving("PNG"), Moving),
    "moving webp": (FileKind.WEBP, moving("WEBP", 40), Moving),
    "pages": (FileKind.PDF, large_pdf(101), PdfTooLarge),
    "very many pages": (FileKind.PDF, large_pdf(3_000), PdfTooLarge),
    "a tree of pages": (
        FileKind.PDF,
        pdf(objects=TREE + " 14 0 obj <</Type /Page /MediaBox [0 0 9 9]>> endobj").replace(
            b"[3 0 R] /Count 1", b"[4 0 R] /Count 1"
        ),
        PdfTooLarge,
    ),
    "a page": (FileKind.PDF, large_pdf(box="[0 0 2000000 72]"), PdfTooLarge),
    "a page in large units": (FileKind.PDF, large_pdf(page="/UserUnit 75000"), PdfTooLarge),
    "many things": (
        FileKind.PDF,
        pdf(objects="\n".join(f"{at} 0 obj 1 endobj" for at in range(9, 30_000))),
        PdfTooLarge,
    ),
    "an image on a page": (
        FileKind.PDF,
        pdf(
            page="/Resources <</XObject <</a 4 0 R>>>>",
            objects=f"4 0 obj <</Subtype /Image /Width {SIDE} /Height {SIDE} /Length 1>>"
            " stream\nx\nendstream endobj",
        ),
        TooManyPoints,
    ),
}
MEASURED = """
import resource, sys
from songbai.core.errors import Refused
from songbai.core.files.clean import rewritten
from songbai.core.files.rules import FileKind
kind, content = FileKind(sys.argv[1]), sys.stdin.buffer.read()
most = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
before = most()
try:
    said = rewritten(kind, content)
except Refused as refused:
    said = type(refused).__name__
print(said, most() - before)
"""


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_early_in_plain_words(bomb: str) -> None:
    kind, content, refusal = BOMBS[bomb]
    run = [sys.executable, "-c", MEASURED, kind]
    said, megabytes = subprocess.run(run, input=content, capture_output=True).stdout.split()
    assert said.decode() == refusal.__name__
    most = EARLY if kind is not FileKind.PDF else 15 * EARLY
    assert int(megabytes) < most


@pytest.mark.parametrize("bomb", ["jpeg", "moving webp", "pages"])
def test_who_hands_it_in_is_told_so(cast: Cast, bomb: str) -> None:
    kind, content, refusal = BOMBS[bomb]
    name = {"image/jpeg": "a.jpg", "image/webp": "a.webp", "application/pdf": "a.pdf"}[kind]
    with pytest.raises(refusal, match="请"):
        store(cast.officer, Owner("500151001001"), name, content, "proof")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["a.tif", "a.jpg"])
def test_a_kind_that_is_not_taken_is_not_even_opened(cast: Cast, name: str) -> None:
    sides = struct.pack("<HHI", 0x100, 4, 1) + struct.pack("<I", SIDE)
    tiff = b"II*\0\x08\0\0\0\x01\0" + sides + bytes(4)
    with pytest.raises(WrongFile):
        store(cast.officer, Owner("500151001001"), name, tiff, "proof")


def test_whatever_takes_too_much_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    content = image("PNG", (6_000, 6_000))
    assert cleaned(FileKind.PNG, content)
    greedy = [sys.executable, "-m", "tests.greedy", FileKind.PNG]
    assert b"MemoryError" in subprocess.run(greedy, input=content, capture_output=True).stderr
    monkeypatch.setattr(apart, "_HERE", "tests.greedy")
    with pytest.raises(WrongFile):
        cleaned(FileKind.PNG, content)


def test_what_unpacks_to_much_more_is_not_kept() -> None:
    packed = zlib.compress(b"\xff\xd8" + b"\xff\xe0\xff\xff" * 17_000_000, 9)
    told = f"4 0 obj <</Filter [/FlateDecode /DCTDecode] /Length {len(packed)}>> stream\n"
    bomb = told.encode() + packed + b"\nendstream endobj\ntrailer"
    content = pdf(page="/Resources <</XObject <</a 4 0 R>>>>").replace(b"trailer", bomb)
    with pytest.raises(FileTooLarge):
        cleaned(FileKind.PDF, content)


def test_a_photograph_of_a_telephone_is_taken() -> None:
    told = Image.Exif()
    told[ExifTags.Base.Orientation] = 6
    clean = cleaned(FileKind.JPEG, image("JPEG", (8_160, 6_120), exif=told))
    with Image.open(BytesIO(clean)) as shown:
        assert shown.size == (6_120, 8_160)


SCRIPT = "<x:xmpmeta><script>alert(1)</script></x:xmpmeta>"


def stream(number: int, told: str, content: str) -> str:
    return f"{number} 0 obj <<{told} /Length {len(content)}>> stream\n{content}\nendstream endobj\n"


def test_of_a_pdf_remains_what_one_sees() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "a camera"
    photograph = image("JPEG", (40, 20), exif=exif, comment=b"at home")
    held = stream(7, "/Subtype /Image /Width 40 /Height 20 /Filter /DCTDecode", "@")
    held = held.replace("/Length 1", f"/Length {len(photograph)}")
    content = pdf(
        "/Metadata 4 0 R /PieceInfo <</Word <</Private (Wang)>>>>",
        "/Metadata 5 0 R /LastModified (D:2026) /Resources <</XObject <</a 7 0 R>>>>",
        stream(4, "/Type /Metadata /Subtype /XML", SCRIPT)
        + stream(5, "", SCRIPT)
        + "6 0 obj <</Author (Wang) /Creator (Word) /Title (x)>> endobj\n"
        + held,
    )
    content = content.replace(b"/Root", b"/Info 6 0 R /Root")
    content = content.replace(b"stream\n@\n", b"stream\n" + photograph + b"\n")
    assert all(word in content for word in (b"script", b"Wang", b"camera", b"at home"))
    clean = rewritten(FileKind.PDF, content)
    assert clean
    for word in (b"script", b"Wang", b"Word", b"camera", b"at home", b"D:2026", b"Metadata"):
        assert word not in clean
    read = pypdf.PdfReader(BytesIO(clean))
    assert not read.metadata
    assert read.xmp_metadata is None
    [shown] = read.pages[0].images
    assert shown.image and shown.image.size == (40, 20)
    assert rewritten(FileKind.PDF, clean) == clean
