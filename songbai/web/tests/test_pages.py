"""What holds for every page of every door."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from songbai.web.asked import list_asked
from songbai.web.words import village_of
from tests.cast import Cast

#: Rows that belong to a district: it is named by itself.
OF_DISTRICTS = {"one.feed", "one", "snapshot", "row.cycle"}
#: The family is told of its own village.
AT_HOME = "elder.region.short"


def templates() -> dict[Path, str]:
    """Every template of the house."""
    found = (file for folder in settings.PAGES for file in (folder / "templates").rglob("*.html"))
    return {file: file.read_text("utf-8") for file in found}


def test_no_page_names_a_village_without_its_town() -> None:
    named = [
        (file.name, said)
        for file, text in templates().items()
        for said in re.findall(r"[\w.]+\.region\.(?:name|short)\b", text)
        if said != AT_HOME and said.rpartition(".region.")[0] not in OF_DISTRICTS
    ]
    assert named == []


def test_a_place_is_said_with_what_it_lies_in(cast: Cast) -> None:
    village, town = cast.mother.region_id, cast.mother.region_id[:9]
    assert village_of(village).startswith(f"{village_of(town)} · ")
    assert village_of(town[:6]) == "铜梁区"


def test_months_are_said_in_words() -> None:
    raw = [
        (file.name, said)
        for file, text in templates().items()
        for said in re.findall(r"(?<![=\"])\{\{ (?:\w+\.)*month \}\}(?!\")", text)
        if "letters" not in file.parts and file.name != "letter.html"  # there they come in words
    ]
    assert raw == []


def test_no_request_of_a_page_is_called_off_by_the_next() -> None:
    dropped = [
        file.name
        for file, text in templates().items()
        if re.search(r'hx-sync="[^"]*(replace|abort|drop)', text)
    ]
    assert dropped == []


def test_a_list_opens_where_there_is_something() -> None:
    counts = {"assign": 0, "book": 2, "told": 7}
    assert list_asked("", counts) == "book"
    assert list_asked("nonsense", counts) == "book"
    assert list_asked("assign", counts) == "assign"
    assert list_asked("", dict.fromkeys(counts, 0)) == "assign"


@pytest.mark.django_db
def test_what_has_no_page_around_it_has_an_icon(client: Client) -> None:
    assert client.get("/favicon.ico").headers["Location"].endswith(".svg")
