"""What an assessment suggests can be had: every service of the indications is in the catalogue."""

from pathlib import Path

import yaml

from songbai.cli.demo.tests.test_pages import OFFICE
from songbai.domain.assessments.rules.needs import load_indications

ITEMS = Path(__file__).resolve().parents[1] / "catalogues" / "service_items.yaml"


def codes(node: object) -> set[str]:
    """Every ``code`` below a node of the catalogue."""
    if isinstance(node, list):
        return {code for one in node for code in codes(one)}
    if not isinstance(node, dict):
        return set()
    own = {node["code"]} if isinstance(node.get("code"), str) else set()
    return own | {code for value in node.values() for code in codes(value)}


def test_every_suggested_service_is_in_the_catalogue() -> None:
    catalogue = codes(yaml.safe_load(ITEMS.read_text("utf-8")))
    suggested = {one.service for it in load_indications().values() for one in it.indications}
    assert suggested
    assert suggested - catalogue == set()


def test_why_a_service_is_suggested_is_said_as_people_at_home_say_it() -> None:
    said = [one.because for it in load_indications().values() for one in it.indications]
    assert [words for words in said if OFFICE.search(words)] == []
