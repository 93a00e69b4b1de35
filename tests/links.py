"""Every relative link of the documents leads somewhere: ``python -m tests.links``."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def broken() -> list[str]:
    """``file: target`` for each link to nothing."""
    listed = subprocess.run(
        ["git", "ls-files", "*.md"], capture_output=True, text=True, cwd=ROOT, check=False
    ).stdout.split()
    documents = [ROOT / name for name in listed] or [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
    ]
    return [
        f"{document.relative_to(ROOT)}: {target}"
        for document in documents
        for target in LINK.findall(document.read_text(encoding="utf-8"))
        if not (document.parent / target).exists()
    ]


if __name__ == "__main__":
    found = broken()
    print("\n".join(found) or "all links lead somewhere")
    sys.exit(bool(found))
