"""Files as we write them ourselves: nothing of what was handed in stays but what one sees. Pure.

Images are decoded and written anew without metadata and without what stood behind them; a PDF is
read and written by a parser, so that names written in another way are seen as what they are.
"""

import logging
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pypdf
from PIL import Image, ImageFile, ImageOps

from .rules import FileKind

#: Points of an image; a telephone's camera makes up to this many.
MOST_POINTS = 50_000_000
#: Quality of a JPEG or WebP written anew: letters on a photographed page stay sharp.
QUALITY = 88
_FORMATS = {FileKind.JPEG: "JPEG", FileKind.PNG: "PNG", FileKind.WEBP: "WEBP"}
#: Parts of a PDF that run, send or carry something (ISO 32000-2, 7.7.4, 12.6.4).
_ACTIVE_KEYS = {
    *("/JS", "/JavaScript", "/AA", "/EmbeddedFiles", "/EF", "/FS", "/XFA", "/RichMediaContent"),
    *("/OnInstantiate", "/FFilter"),
}
_ACTIVE_KINDS = {
    *("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/RichMediaExecute"),
    *("/GoToE", "/GoToR", "/EmbeddedFile", "/RichMedia", "/Movie", "/Sound", "/3D"),
}
#: Where a link may lead: all else starts something, or reads what is on the reader's disk.
_LINKS = ("http:", "https:", "mailto:", "tel:")
# What the parser complains of is a stranger's words, thousands of times if the stranger likes.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)
#: What a parser says of a file that is not what it begins like.
_BROKEN = (
    *(OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, SyntaxError),
    *(RecursionError, OverflowError, AssertionError, NotImplementedError),
    *(Image.DecompressionBombError, pypdf.errors.PyPdfError),
)


def rewritten(kind: FileKind, content: bytes) -> bytes | None:
    """The file written anew; None if it cannot be read, is too large to show, or is active."""
    try:
        return _pdf(content) if kind is FileKind.PDF else _image(kind, content)
    except _BROKEN:
        return None


def _image(kind: FileKind, content: bytes) -> bytes | None:
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # the library of letters takes what is cut off
    with Image.open(BytesIO(content), formats=[_FORMATS[kind]]) as image:
        if image.width * image.height > MOST_POINTS:
            return None
        upright = ImageOps.exif_transpose(image)
        shown = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
        if kind is FileKind.JPEG:
            shown = shown.convert("RGB")
        shown.info.clear()
        written = BytesIO()
        shown.save(written, _FORMATS[kind], quality=QUALITY)
    return written.getvalue()


def _pdf(content: bytes) -> bytes | None:
    read = pypdf.PdfReader(BytesIO(content))
    if read.is_encrypted or not read.pages:
        return None
    written = BytesIO()
    pypdf.PdfWriter(clone_from=read).write(written)
    anew = pypdf.PdfReader(written)
    for number in anew.xref[0]:
        thing = anew.get_object(pypdf.generic.IndirectObject(number, 0, anew))
        if any(_is_active(part) for part in _parts(thing)):
            return None
    return written.getvalue()


def _parts(thing: Any) -> Iterator[dict[str, Any]]:
    """A thing of a PDF and all that stands in it, each other object apart."""
    if isinstance(thing, dict):
        yield thing
    inner = thing.values() if isinstance(thing, dict) else thing if isinstance(thing, list) else ()
    for one in inner:
        if not isinstance(one, pypdf.generic.IndirectObject):
            yield from _parts(one)


def _is_active(part: dict[str, Any]) -> bool:
    kinds = [part[name] for name in ("/S", "/Type", "/Subtype") if name in part]
    if _ACTIVE_KEYS & part.keys() or any(kind in _ACTIVE_KINDS for kind in kinds):
        return True
    if isinstance(part, pypdf.generic.StreamObject) and ({"/F", "/Ref"} & part.keys()):
        return True  # what it shows lies in another file
    return "/URI" in part and not _leads_to_a_page(part["/URI"])


def _leads_to_a_page(link: object) -> bool:
    return isinstance(link, str) and (":" not in link or link.lower().startswith(_LINKS))
