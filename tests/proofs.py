"""Files that somebody hands in."""

from io import BytesIO

from PIL import Image

from songbai.core.files.clean import rewritten
from songbai.core.files.rules import FileKind


def pdf(catalog: str = "", page: str = "", objects: str = "") -> bytes:
    """One page, with more written into its catalog, its page and behind them."""
    return f"""%PDF-1.4
1 0 obj <</Type /Catalog /Pages 2 0 R {catalog}>> endobj
2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj
3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] {page}>> endobj
{objects}
trailer <</Root 1 0 R /Size 9>>
startxref
0
%%EOF""".encode()


def image(kind: str, size: tuple[int, int] = (4, 3), **told: object) -> bytes:
    """A red picture as JPEG, PNG or WEBP; ``told`` is passed on to Pillow (exif, pnginfo)."""
    written = BytesIO()
    Image.new("RGB", size, "red").save(written, kind, **told)
    return written.getvalue()


#: As it is kept: writing it anew changes nothing.
PDF = rewritten(FileKind.PDF, pdf()) or b""
