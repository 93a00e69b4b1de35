"""A registry that a test may add to; whatever it adds is gone afterwards."""

from typing import Any

import pytest

from songbai.core.registry import Registry


def reopen(monkeypatch: pytest.MonkeyPatch, registry: Registry[Any]) -> None:
    """Let a test register something more."""
    monkeypatch.setattr(registry, "closed", False)
    monkeypatch.setattr(registry, "_things", dict(registry._things))
    monkeypatch.setattr(registry, "_files", dict(registry._files))
