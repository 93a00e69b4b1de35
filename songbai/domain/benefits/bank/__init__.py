"""The bank that pays benefits out (一卡通): one contract, a folder, a double that remembers.

A payment file goes out, files of results come in; ``format`` says what stands in them, see
``docs/pay-benefits.md``. Which bank an installation has, ``bank()`` says.
"""

from functools import cache
from pathlib import Path

from django.conf import settings

from .contract import Bank, FolderBank, RecordingBank


@cache
def bank() -> Bank:
    """The adapter of this installation: the folder SONGBAI_BANK_FOLDER, else the double."""
    folder = settings.BANK_FOLDER
    return FolderBank(Path(folder)) if folder else RecordingBank()
