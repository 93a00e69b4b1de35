"""An installation with a folder of policies of its own."""

from pathlib import Path

import pytest

from songbai.domain.benefits.rules import library


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder; it is looked at each time."""
    monkeypatch.setenv("SONGBAI_POLICIES", str(tmp_path))
    monkeypatch.setattr(library, "LOOK_SECONDS", 0)
    monkeypatch.setattr(library, "REST_SECONDS", 0)
    monkeypatch.setattr(library._Law, "held", None)
    return tmp_path
