"""What a file is, by what stands in it; its name only helps to say what is wrong."""

import io
import struct
import zipfile
from pathlib import Path
from typing import BinaryIO, Final

from songbai.core.sheets.refusals import Damaged, EmptyFile, FileTooLarge, Locked, NotASheet
from songbai.core.sheets.sheet import Kind, Limits

Source = Path | str | bytes | BinaryIO

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS: Final = (
    (b"%PDF", "这是 PDF 文件，读不出表格"),
    (b"\x89PNG", "这是图片，读不出表格"),
    (b"\xff\xd8\xff", "这是照片，读不出表格"),
    (b"GIF8", "这是图片，读不出表格"),
    (b"Rar!", "这是压缩包，请先解压，把里面的表格交上来"),
    (b"7z\xbc\xaf", "这是压缩包，请先解压，把里面的表格交上来"),
    (b"\x1f\x8b", "这是压缩包，请先解压，把里面的表格交上来"),
    (b"BZh", "这是压缩包，请先解压，把里面的表格交上来"),
    (b"{\\rtf", "这是 Word 文档，读不出表格"),
    (b"MZ", "这是程序文件，不是表格"),
    (b"\x7fELF", "这是程序文件，不是表格"),
)
_ASK: Final = "。请交 .xlsx、.xls、.ods、.csv 或 .jsonl 文件。"


def open_source(source: Source, limits: Limits) -> BinaryIO:
    """A seekable file of what the caller has, standing at its beginning.

    Raises EmptyFile, FileTooLarge.
    """
    if isinstance(source, bytes):
        stream: BinaryIO = io.BytesIO(source)
    elif isinstance(source, Path | str):
        stream = Path(source).open("rb")  # noqa: SIM115  # the sheet closes it
    else:
        stream = source
    try:
        _check_size(stream, limits)
    except BaseException:
        if stream is not source:
            stream.close()
        raise
    return stream


def _check_size(stream: BinaryIO, limits: Limits) -> None:
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    if size == 0:
        raise EmptyFile
    if size > limits.file_bytes:
        raise FileTooLarge(
            f"文件有 {size / 1e6:,.1f} MB，超过了 {limits.file_bytes / 1e6:,.0f} MB。"
            "请按村社或按月份拆成几个文件再交。"
        )


def kind_of(stream: BinaryIO) -> Kind:
    """What the file is.

    Raises NotASheet, Locked, Damaged with the reason.
    """
    head = stream.read(4096)
    stream.seek(0)
    if head.startswith(b"PK"):
        return _kind_of_zip(stream)
    if head.startswith(_OLE):
        return _kind_of_ole(stream)
    for mark, words in _OTHERS:
        if head.startswith(mark):
            raise NotASheet(words + _ASK)
    return _kind_of_text(head)


def _kind_of_zip(stream: BinaryIO) -> Kind:
    try:
        with zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
            kind = _kind_of_names(archive, names)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError) as error:
        raise Damaged from error
    finally:
        stream.seek(0)
    return kind


def _kind_of_names(archive: zipfile.ZipFile, names: set[str]) -> Kind:
    if "xl/workbook.xml" in names or any(n.lower() == "xl/workbook.xml" for n in names):
        return Kind.XLSX
    if "xl/workbook.bin" in names:
        raise NotASheet("这是 .xlsb 文件。请在 Excel 里另存为 .xlsx 再交。")
    if "content.xml" in names and "mimetype" in names:
        if archive.getinfo("mimetype").file_size > 200:
            raise Damaged
        if b"spreadsheet" not in archive.read("mimetype"):
            raise NotASheet("这是文档，不是表格" + _ASK)
        manifest = "META-INF/manifest.xml"
        small = manifest in names and archive.getinfo(manifest).file_size < 1 << 20
        if small and b"encryption-data" in archive.read(manifest):
            raise Locked
        return Kind.ODS
    if "word/document.xml" in names:
        raise NotASheet("这是 Word 文档，读不出表格" + _ASK)
    if "ppt/presentation.xml" in names:
        raise NotASheet("这是幻灯片，读不出表格" + _ASK)
    if "[Content_Types].xml" in names:
        raise Damaged
    raise NotASheet("这是压缩包，请先解压，把里面的表格交上来。")


def _kind_of_ole(stream: BinaryIO) -> Kind:
    body = stream.read()
    stream.seek(0)
    if "EncryptedPackage".encode("utf-16-le") in body:
        raise Locked
    if "Workbook".encode("utf-16-le") in body or "Book".encode("utf-16-le") in body:
        if _has_password(body):
            raise Locked
        return Kind.XLS
    if "WordDocument".encode("utf-16-le") in body:
        raise NotASheet("这是 Word 文档，读不出表格" + _ASK)
    raise Damaged


def _has_password(body: bytes) -> bool:
    """Whether the workbook stream of Excel 97 says, among its first records, that it is locked."""
    at = body.find(b"\x09\x08\x10\x00\x00\x06\x05\x00")
    for _ in range(20 if at >= 0 else 0):
        kind, size = struct.unpack_from("<HH", body.ljust(at + 4), at)
        if kind == 0x2F:
            return True
        at += 4 + size
        if at + 4 > len(body):
            break
    return False


def _kind_of_text(head: bytes) -> Kind:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    lower = text[:600].lower()
    if lower.startswith((b"<html", b"<!doctype", b"<table", b"<meta", b"<head")):
        raise NotASheet("这是网页存成的表格。请用 Excel 或 WPS 打开，另存为 .xlsx 再交。")
    if lower.startswith(b"<?xml") or b"<workbook" in lower:
        raise NotASheet("这是 XML 文件。请用 Excel 或 WPS 打开，另存为 .xlsx 再交。")
    if text.startswith(b"{"):
        return Kind.JSON_LINES
    if text.startswith(b"[{") or (text.startswith(b"[") and text[1:].lstrip().startswith(b"{")):
        raise NotASheet("这是一整个 JSON 数组。请改成每行一个对象（.jsonl）再交。")
    return Kind.CSV
