"""How notices leave the house: one contract, two ways out, and a double that records.

``SONGBAI_NOTICES`` chooses: ``file:/a/folder`` for a message centre that fetches files, an
``https://`` address for one that is called. Without it nothing leaves; the family door and letters
show the notices all the same.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import httpx
from django.conf import settings

from songbai.core import whole
from songbai.core.errors import TryAgain


@dataclass(frozen=True)
class Message:
    """One notice to one phone; sent again, it has the same ``key``."""

    key: str
    phone: str
    text: str


class Messages(Protocol):
    """Sends messages, all or none; raises TryAgain when the other side does not take them."""

    def send(self, messages: Sequence[Message]) -> None: ...


class FileMessages:
    """Puts each batch as one file of JSON lines into a folder, complete or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, messages: Sequence[Message]) -> None:
        """Write one file, named after its first and last message."""
        name = f"notices-{messages[0].key}-{messages[-1].key}.jsonl"
        lines = [json.dumps(asdict(message), ensure_ascii=False) + "\n" for message in messages]
        try:
            whole.write(self.folder / name, "".join(lines).encode())
        except OSError as error:
            raise TryAgain("告知没有写进文件夹，请检查文件夹，过一会儿会自动再试。") from error


class HttpMessages:
    """Posts ``{"messages": [{"key", "phone", "text"}]}`` as JSON to the city's message centre."""

    def __init__(self, address: str) -> None:
        self.address = address

    def send(self, messages: Sequence[Message]) -> None:
        """Hand a batch over."""
        body = {"messages": [asdict(message) for message in messages]}
        try:
            httpx.post(self.address, json=body, timeout=20).raise_for_status()
        except httpx.HTTPError as error:
            raise TryAgain("消息中心没有应答，过一会儿会自动再试。") from error


def messages() -> Messages | None:
    """The way out of this installation; None when nothing leaves."""
    where: str = settings.NOTICES
    if not where:
        return None
    if where.startswith("file:"):
        return FileMessages(Path(where.removeprefix("file:")))
    return HttpMessages(where)
