"""The icon font holds what the pages use, and names what it cannot."""

from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from songbai.web import icons

CODES = {"walk": 0xEA01, "clock": 0xEA02, "unused": 0xEA03}


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    """A font of three icons, laid out like the real package."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.lineTo((0, 500))
    pen.lineTo((500, 500))
    pen.closePath()
    glyph = pen.glyph()
    names = [".notdef", *CODES]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({code: name for name, code in CODES.items()})
    builder.setupGlyf(dict.fromkeys(names, glyph))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (600, 0)))
    builder.setupHorizontalHeader()
    builder.setupNameTable({"familyName": "tabler-icons"})
    builder.setupOS2()
    builder.setupPost()
    font = tmp_path / "node_modules" / icons.FONT
    font.parent.mkdir(parents=True)
    builder.save(font)
    css = "".join(
        f'.ti-{name}:before {{\n  content: "\\{code:x}";\n}}\n' for name, code in CODES.items()
    )
    (tmp_path / "node_modules" / icons.CSS).write_text(css)
    return tmp_path / "node_modules"


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.html", '<i class="ti ti-walk"></i>'),
        ("a.html", "{% icon 'walk' %}"),
        ("a.mjs", "el.className = 'ti ti-walk';"),
        ("status.json", '{"icon": "walk"}'),
        ("views.py", 'entry(icon="walk")'),
        ("items.yaml", "- icon: walk\n"),
    ],
)
def test_an_icon_is_found_wherever_it_is_named(pages: Path, name: str, text: str) -> None:
    (pages / name).write_text(text)
    assert set(icons.used_icons([pages])) == {"walk"}


@pytest.mark.parametrize("text", ["multi-walk", "var(--ti-walk)", "ti-{{ name }}", "icon=icon"])
def test_what_only_looks_like_an_icon_is_left(pages: Path, text: str) -> None:
    (pages / "a.html").write_text(text)
    assert icons.used_icons([pages]) == {}


def test_the_font_holds_only_what_is_used(vendor: Path, pages: Path, tmp_path: Path) -> None:
    (pages / "a.html").write_text('{% icon "walk" %}{% icon "clock" "等一等" %}')
    assert icons.build_icon_subset([pages], vendor, tmp_path / "out") == 2
    with TTFont(tmp_path / "out" / "songbai-icons.woff2") as font:
        assert set(font.getBestCmap()) == {0xEA01, 0xEA02}
    css = (tmp_path / "out" / "songbai-icons.css").read_text()
    assert '.ti-walk::before { content: "\\ea01"; }' in css
    assert "unused" not in css


def test_an_icon_that_does_not_exist_is_named_with_its_file(
    vendor: Path, pages: Path, tmp_path: Path
) -> None:
    (pages / "a.html").write_text('{% icon "wlak" %}')
    with pytest.raises(icons.UnknownIconError, match=r"wlak .*a\.html"):
        icons.build_icon_subset([pages], vendor, tmp_path / "out")
