"""Files as people send them, made on the spot."""

import io
import struct
import zipfile
from collections.abc import Callable, Iterable, Sequence

import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

HEADERS = ("姓名", "身份证号", "出生日期")
PERSON = ("王桂英", "500190194205061024", "1942-5-6")
KNOWN = HEADERS


def csv_text(*rows: Sequence[str]) -> str:
    """Lines of a csv file without quoting."""
    return "".join(",".join(row) + "\r\n" for row in rows)


def xlsx(fill: Callable[[Workbook, Worksheet], None], **options: object) -> bytes:
    """A workbook of one sheet, filled by the caller."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, **options})
    fill(book, book.add_worksheet("名册"))
    book.close()
    return target.getvalue()


def xlsx_of(*rows: Sequence[object]) -> bytes:
    """A workbook with these cells."""

    def fill(_: Workbook, sheet: Worksheet) -> None:
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)

    return xlsx(fill)


def without_part(workbook: bytes, name: str) -> bytes:
    """The workbook with one part missing."""
    return repacked(workbook, lambda part, body: None if part == name else body)


def repacked(workbook: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    """The workbook with each part changed."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            body = change(name, old.read(name))
            if body is not None:
                new.writestr(name, body)
    return target.getvalue()


def ods(rows: str, *, table: str = "名册", head: str = "") -> bytes:
    """An OpenDocument spreadsheet of these ``table:table-row`` elements."""
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
        for short in ("office", "table", "text", "calcext")
    )
    content = (
        f'<?xml version="1.0"?>{head}<office:document-content {names}><office:body>'
        f'<office:spreadsheet><table:table table:name="{table}">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    return target.getvalue()


def ods_row(*cells: str, extra: str = "") -> str:
    """A row of text cells."""
    inside = "".join(
        f'<table:table-cell office:value-type="string"{extra}><text:p>{cell}</text:p>'
        "</table:table-cell>"
        for cell in cells
    )
    return f"<table:table-row>{inside}</table:table-row>"


def xls(rows: Iterable[Sequence[str | float]], *, locked: bool = False) -> bytes:
    """A workbook of Excel 97: text and numbers, in an OLE container."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def begin(kind: int) -> bytes:
        return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 0, 0, 0))

    name = "名册".encode("utf-16-le")
    sheet = begin(0x0010)
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            place = struct.pack("<HHH", at, column, 0)
            if isinstance(cell, str):
                text = cell.encode("utf-16-le")
                sheet += record(0x0204, place + struct.pack("<HB", len(cell), 1) + text)
            else:
                sheet += record(0x0203, place + struct.pack("<d", cell))
    sheet += record(0x000A, b"")
    lock = record(0x002F, struct.pack("<HHH", 1, 1, 1) + bytes(48)) if locked else b""
    size = len(begin(5)) + len(lock) + 4 + 8 + len(name) + 4
    bound = record(0x0085, struct.pack("<IHBB", size, 0, 2, 1) + name)
    return ole("Workbook", begin(0x0005) + lock + bound + record(0x000A, b"") + sheet)


def ole(name: str, stream: bytes) -> bytes:
    """An OLE container with one stream."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    sectors = len(stream) // 512
    chain = [*range(3, sectors + 2), 0xFFFFFFFE]
    fat = [0xFFFFFFFD, 0xFFFFFFFE, *chain]
    fat += [0xFFFFFFFF] * (128 - len(fat))

    def entry(title: str, kind: int, start: int, size: int, child: int) -> bytes:
        text = (title + "\0").encode("utf-16-le") if title else b""
        return (
            text.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(text), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
            + bytes(36)
            + struct.pack("<IQ", start, size)
        )

    directory = entry("Root Entry", 5, 0xFFFFFFFE, 0, 1) + entry(
        name, 2, 2, len(stream), 0xFFFFFFFF
    )
    directory = directory.ljust(512, b"\0")
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
        + bytes(6)
        + struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
        + struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    )
    return header + struct.pack("<128I", *fat) + directory + stream
