"""Every relative link in the Markdown files leads to a file and, if it names one, to a heading."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parent.parent
SKIPPED = {".venv", "node_modules", ".git", "data", "var"}
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def pages() -> Iterator[Path]:
    """All Markdown files of the project."""
    for page in sorted(ROOT.rglob("*.md")):
        if not SKIPPED & set(page.relative_to(ROOT).parts):
            yield page


def anchors(page: Path) -> set[str]:
    """Names a link may jump to, made from headings as GitHub does."""
    headings = re.findall(r"^#+\s+(.+?)\s*#*$", page.read_text("utf-8"), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


def broken(page: Path) -> Iterator[str]:
    """Links of a page that lead nowhere."""
    for target in LINK.findall(CODE.sub("", page.read_text("utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists():
            yield f"{page.relative_to(ROOT)}: {target}"
        elif anchor and file.suffix == ".md" and anchor not in anchors(file):
            yield f"{page.relative_to(ROOT)}: {target} (no such heading)"


if __name__ == "__main__":
    found = [line for page in pages() for line in broken(page)]
    print("\n".join(found) or "links: ok")
    sys.exit(bool(found))
