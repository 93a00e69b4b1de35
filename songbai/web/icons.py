"""A small icon font with only the icons the pages use: the whole one is half a megabyte.

Names are found in the templates, scripts, view code and ``status.json``. An icon whose name is
made at run time is not found: write the whole name.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset

SUFFIXES = {".html", ".js", ".mjs", ".json", ".py", ".yaml"}
CSS = Path("@tabler/icons-webfont/dist/tabler-icons.css")
FONT = Path("@tabler/icons-webfont/dist/fonts/tabler-icons.ttf")

_NAME = r"([a-z0-9]+(?:-[a-z0-9]+)*)"
_USED = (
    re.compile(rf"(?<![\w-])ti-{_NAME}(?![\w-])"),  # class="ti ti-walk"
    re.compile(rf"""{{%\s*icon\s+["']{_NAME}["']"""),  # {% icon "walk" %}
    re.compile(rf"""\bicon["']?\s*[:=]\s*["']{_NAME}["']"""),  # "icon": "walk", icon="walk"
)
_USED_IN_YAML = (re.compile(rf"^[\s-]*icon:\s*{_NAME}\s*$", re.MULTILINE),)  # icon: walk
_CODE = re.compile(rf"""\.ti-{_NAME}:+before\s*{{\s*content:\s*["']\\([0-9a-f]+)["']""")

_RULES = """@font-face {
  font-family: "songbai-icons";
  font-display: block;
  src: url("songbai-icons.woff2") format("woff2");
}
.ti {
  font-family: "songbai-icons" !important;
  font-style: normal;
  font-weight: 400;
  font-variant: normal;
  text-transform: none;
  line-height: 1;
  -webkit-font-smoothing: antialiased;
}
"""


class UnknownIconError(LookupError):
    """The icon font has no such icon."""


def used_icons(folders: Iterable[Path]) -> dict[str, Path]:
    """Icon names under these folders, each with one file that uses it. Tests are not read."""
    found: dict[str, Path] = {}
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.suffix not in SUFFIXES or {"tests", "vendor"} & set(file.parts):
                continue
            text = file.read_text("utf-8")
            for pattern in _USED_IN_YAML if file.suffix == ".yaml" else _USED:
                for name in pattern.findall(text):
                    found.setdefault(name, file)
    return found


def code_points(css: str) -> dict[str, int]:
    """Where each icon sits in the font, read from the stylesheet that comes with it."""
    return {name: int(code, 16) for name, code in _CODE.findall(css)}


def stylesheet(codes: dict[str, int]) -> str:
    """The rules of the small font."""
    lines = (f'.ti-{name}::before {{ content: "\\{codes[name]:x}"; }}\n' for name in sorted(codes))
    return _RULES + "".join(lines)


def build_icon_subset(template_dirs: list[Path], vendor: Path, out: Path) -> int:
    """Write ``songbai-icons.woff2`` and ``.css`` into ``out``; answers how many icons they hold.

    ``template_dirs`` are the folders to search, ``vendor`` is ``node_modules``. Raises
    UnknownIconError with the file that asks for an icon the font does not have.
    """
    known = code_points((vendor / CSS).read_text("utf-8"))
    used = used_icons(template_dirs)
    missing = [f"{name} ({file})" for name, file in used.items() if name not in known]
    if missing:
        raise UnknownIconError(", ".join(missing))
    codes = {name: known[name] for name in used}

    options = subset.Options(flavor="woff2", layout_features=[], notdef_outline=True)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=codes.values())
    out.mkdir(parents=True, exist_ok=True)
    with subset.load_font(vendor / FONT, options) as font:
        subsetter.subset(font)
        subset.save_font(font, out / "songbai-icons.woff2", options)
    (out / "songbai-icons.css").write_text(stylesheet(codes), "utf-8")
    return len(codes)
