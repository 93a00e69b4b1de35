"""Whatever people typed: in no file that leaves does a spreadsheet take it for a formula."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse

from songbai.core.accounts.models import Account
from songbai.core.crypto import encrypt
from songbai.core.exports.rules import ExportFormat
from songbai.core.exports.writers import Copy, write
from songbai.core.regions.models import Region
from songbai.core.regions.queries import forget
from songbai.core.sheets import ReturnedRow, TemplateColumn, returned_workbook, template
from songbai.core.texts import WrongText, person_name
from songbai.domain.elders.models import Elder

from .cast import Cast
from .test_architecture import ROOT, SOURCE

#: How a formula begins, and what hides it from who looks at the first character only.
STARTS = (
    *("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"),
    *(" =1", "\u200b=1", "＝1", "x;=1"),
)
RUNS = re.compile(r"[\s\u200b\ufeff]*[=+\-@＝＋－＠]")
#: Who writes sheets; what the bank's machine reads has nothing in it that was typed but names.
WRITERS = {
    "songbai/core/exports/writers.py",
    "songbai/core/sheets/returned.py",
    "songbai/core/sheets/templates.py",
    "songbai/domain/benefits/bank/format.py",
}
_NAMES = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def ran(content: bytes) -> list[str]:
    """Cells of a file that a spreadsheet would compute, now or when it is saved as text."""
    return _in_book(content) if content.startswith(b"PK") else _in_text(content.decode("utf-8-sig"))


def _in_text(text: str) -> list[str]:
    """A cell that was quoted is one in every country; its first character says what it is."""
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert text.count('"') >= 2 * len(cells)
    return [cell for cell in cells if RUNS.match(cell)]


def _in_book(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        parts = {name: ElementTree.fromstring(book.read(name)) for name in book.namelist()
                 if name.endswith(".xml")}  # fmt: skip
    shapes = parts["xl/styles.xml"].findall("m:cellXfs/m:xf", _NAMES)
    quoted = {str(at) for at, one in enumerate(shapes) if one.get("quotePrefix") == "1"}
    shared = parts.get("xl/sharedStrings.xml", ElementTree.Element("none")).findall("m:si", _NAMES)
    texts = ["".join(one.itertext()) for one in shared]
    found = []
    for name, sheet in parts.items():
        if not name.startswith("xl/worksheets/sheet"):
            continue
        assert sheet.findall(".//m:c/m:f", _NAMES) == []
        for cell in sheet.findall(".//m:c", _NAMES):
            text = "".join(cell.itertext())
            text = texts[int(text)] if cell.get("t") == "s" else text
            if cell.get("t") and RUNS.match(text) and cell.get("s") not in quoted:
                found.append(text)
    return found


def test_the_sheets_that_leave_are_written_in_these_places() -> None:
    writing = re.compile(r"csv\.(Dict)?[wW]riter|xlsxwriter\.Workbook|to_csv|to_excel")
    found = {
        str(path.relative_to(ROOT))
        for path in SOURCE
        if writing.search(path.read_text("utf-8")) and path.name != "demo.py"
    }
    assert found == WRITERS


def listed(text: str, kind: ExportFormat) -> bytes:
    return write(Copy("名单", "仅供", ("姓名", "住址"), [(text, "x"), ("x", text)]), kind)


WRITTEN: dict[str, Callable[[str], bytes]] = {
    "list as csv": lambda text: listed(text, ExportFormat.CSV),
    "list as xlsx": lambda text: listed(text, ExportFormat.XLSX),
    "returned rows": lambda text: returned_workbook(
        [text, "a"],
        [
            ReturnedRow(2, {text: text, "a": text}, {text: text}),
            ReturnedRow(3, {text: text, "a": text}, {}, text),
        ],
    ),
    "template": lambda _: template("名册", [TemplateColumn("姓名", example="王桂英")]),
}


@pytest.mark.parametrize("text", STARTS)
@pytest.mark.parametrize("way", WRITTEN)
def test_no_cell_of_any_file_is_computed(way: str, text: str) -> None:
    assert ran(WRITTEN[way](text)) == []


@pytest.mark.parametrize("text", STARTS)
def test_no_name_begins_like_a_formula(text: str) -> None:
    with pytest.raises(WrongText):
        person_name(text)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("text", STARTS)
def test_nor_of_the_register_s_list_as_an_officer_takes_it(
    cast: Cast, text: str, kind: str
) -> None:
    told = {"address": encrypt(text), "phone": encrypt(text), "name": text}
    Elder.objects.filter(pk=cast.mother.pk).update(**told)
    Region.objects.filter(pk=cast.mother.region_id).update(name=text[:12])
    forget()
    client = Client()
    backend = "songbai.core.accounts.backends.PasswordBackend"
    client.force_login(Account.objects.get(pk=cast.officer.account), backend=backend)
    asked = {f"plain_{name}": "1" for name in ("name", "phone", "address")}
    reply = client.post(
        reverse("bureau:elders_export"), {"purpose": "核对 11 月额度", "format": kind, **asked}
    )
    forget()
    assert reply.status_code == 200
    assert ran(reply.content) == []
