"""Files as we write them ourselves: nothing of what was handed in stays but what one sees. Pure.

Images are decoded and written anew without metadata and without what stood behind them; a PDF is
read and written by a parser, so that names written in another way are seen as what they are, and
without what says who made it, when and by what (neither do the photographs in it).
"""

import logging
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pypdf
from PIL import Image, ImageFile, ImageOps

from songbai.core.errors import Refused

from .rules import FileKind

#: Points of an image; a telephone's camera makes up to this many.
MOST_POINTS = 50_000_000
#: Pages of a PDF, their longest side in points (5 metres), and things it is made of.
MOST_PAGES, LONGEST_SIDE, MOST_THINGS = 100, 14_400, 20_000
#: Quality of a JPEG or WebP written anew: letters on a photographed page stay sharp.
QUALITY = 88
_FORMATS = {FileKind.JPEG: "JPEG", FileKind.PNG: "PNG", FileKind.WEBP: "WEBP"}
#: Parts of a PDF that run, send or carry something (ISO 32000-2, 7.7.4, 12.6.4).
_ACTIVE_KEYS = {
    *("/JS", "/JavaScript", "/AA", "/EmbeddedFiles", "/EF", "/FS", "/XFA", "/RichMediaContent"),
    *("/OnInstantiate", "/FFilter", "/AF", "/OPI"),
}
_ACTIVE_KINDS = {
    *("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/RichMediaExecute"),
    *("/GoToE", "/GoToR", "/EmbeddedFile", "/RichMedia", "/Movie", "/Sound", "/3D"),
    *("/Thread", "/Filespec", "/ResetForm"),
}
#: Where an action stands that somebody presses (12.6), and what it may do: show a place in this
#: file or follow a link. The file itself opens at a place and does nothing more.
_PRESSED, _HARMLESS = ("/A", "/PA", "/Next"), {"/GoTo", "/URI"}
#: What is said of a thing beside what is seen (14.3, 14.5): who made it, when, by which program.
_TOLD = ("/Metadata", "/PieceInfo", "/LastModified", "/CreatorInfo")
#: Segments of a JPEG that tell it of a photograph: APP1 (where it was taken) to APP13, COM. The
#: others say how its colours are read.
_TELLING = {*range(0xE1, 0xEE), 0xFE} - {0xE2}
#: Where a link may lead: all else starts something, or reads what is on the reader's disk.
_LINKS = ("http:", "https:", "mailto:", "tel:")
# What the parser complains of is a stranger's words, thousands of times if the stranger likes.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)
#: What a parser says of a file that is not what it begins like.
_BROKEN = (
    *(OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, SyntaxError),
    *(RecursionError, OverflowError, AssertionError, NotImplementedError, pypdf.errors.PyPdfError),
)


class TooManyPoints(Refused):
    """这张图片太大了，打开要占很多内存。最多 5000 万像素（例如 8000×6000），请缩小或重新拍一张。"""

    field = "proof_file"


class Moving(Refused):
    """这是会动的图片，看不全，所以不收。请截成一张图，或重新拍一张。"""

    field = "proof_file"


class PdfTooLarge(Refused):
    """这个 PDF 页数太多或页面太大。最多 100 页，每页最长 5 米，请只交有用的那几页。"""

    field = "proof_file"


def rewritten(kind: FileKind, content: bytes) -> bytes | None:
    """The file written anew; None if it cannot be read or is active.

    Raises TooManyPoints, Moving, PdfTooLarge.
    """
    try:
        with pypdf.apply_configuration(page_tree_maximum_entries=2 * MOST_PAGES):
            return _pdf(content) if kind is FileKind.PDF else _image(kind, content)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooManyPoints from error
    except pypdf.errors.LimitReachedError as error:
        raise PdfTooLarge from error
    except _BROKEN:
        return None


def _image(kind: FileKind, content: bytes) -> bytes:
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # the library of letters takes what is cut off
    with Image.open(BytesIO(content), formats=[_FORMATS[kind]]) as image:
        # Its first bytes say all of this. A telephone's JPEG may hold a smaller one of itself.
        if image.width * image.height > MOST_POINTS:
            raise TooManyPoints
        if kind is not FileKind.JPEG and getattr(image, "n_frames", 1) > 1:
            raise Moving
        ImageOps.exif_transpose(image, in_place=True)
        is_clear = kind is not FileKind.JPEG and image.has_transparency_data
        mode = "RGBA" if is_clear else "RGB"
        shown = image if image.mode == mode else image.convert(mode)
        shown.info.clear()
        written = BytesIO()
        shown.save(written, _FORMATS[kind], quality=QUALITY)
    return written.getvalue()


def _pdf(content: bytes) -> bytes | None:
    read = pypdf.PdfReader(BytesIO(content))
    if sum(map(len, [read.xref_objStm, *read.xref.values()])) > MOST_THINGS:
        raise PdfTooLarge
    if read.is_encrypted or not read.pages:
        return None
    if len(read.pages) > MOST_PAGES or any(map(_is_long, read.pages)):
        raise PdfTooLarge
    anew = pypdf.PdfReader(_written(read))
    for number in anew.xref[0]:
        thing = anew.get_object(pypdf.generic.IndirectObject(number, 0, anew))
        for part in _parts(thing):
            if _is_active(part):
                return None
            _say_nothing_of(part)
    return _written(anew).getvalue()


def _written(read: pypdf.PdfReader) -> BytesIO:
    """What is reached from its pages, in one list of things."""
    written = BytesIO()
    writer = pypdf.PdfWriter(clone_from=read)
    writer.metadata = None
    writer.write(written)
    return written


def _is_long(page: pypdf.PageObject) -> bool:
    sides = (page.mediabox.width, page.mediabox.height)
    return any(abs(side) * page.user_unit > LONGEST_SIDE for side in sides)


def _say_nothing_of(part: dict[str, Any]) -> None:
    """Take away what a part says of itself; raises TooManyPoints for an image nobody can open."""
    for name in _TOLD:
        part.pop(name, None)
    if not isinstance(part, pypdf.generic.StreamObject):
        return
    names = ("/Subtype", "/Width", "/Height", "/Filter")
    said: dict[str, Any] = {name: part[name] for name in names if name in part}
    if said.get("/Subtype") == "/Image" and said["/Width"] * said["/Height"] > MOST_POINTS:
        raise TooManyPoints
    filters = said.get("/Filter", [])
    if "/DCTDecode" in (filters if isinstance(filters, list) else [filters]):
        part._data = _bare(part.get_data())  # as the filters before it leave it
        part[pypdf.generic.NameObject("/Filter")] = pypdf.generic.NameObject("/DCTDecode")
        part.pop("/DecodeParms", None)


def _bare(jpeg: bytes) -> bytes:
    """A JPEG without the segments that tell of it; its points stay as they are."""
    kept, at = [jpeg[:2]], 2
    while jpeg[at] == 0xFF and jpeg[at + 1] != 0xDA:  # the points begin
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4])
        if jpeg[at + 1] not in _TELLING:
            kept.append(jpeg[at:end])
        at = end
    return b"".join(kept) + jpeg[at:]


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
    if any(act["/S"] not in _HARMLESS for name in _PRESSED for act in _acts(part, name)):
        return True
    if any(act["/S"] != "/GoTo" or "/Next" in act for act in _acts(part, "/OpenAction")):
        return True
    return "/URI" in part and not _leads_to_a_page(part["/URI"])


def _acts(part: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The actions that a part begins under a name."""
    found = part[name] if name in part else []  # noqa: SIM401  # get() does not follow references
    each = [one.get_object() for one in found] if isinstance(found, list) else [found]
    return [one for one in each if isinstance(one, dict) and "/S" in one]


def _leads_to_a_page(link: object) -> bool:
    """What begins with no scheme is looked for on the reader's disk, or a neighbour's."""
    return isinstance(link, str) and link.lower().startswith(_LINKS)
