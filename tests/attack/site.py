"""A site as it is run for a city, something at each of its addresses, people of every role."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx

from tests.stage import Stage

#: The scene of all rooms, its addresses, and a session for who belongs to each door and who not.
LAY = """
import django, json
django.setup()
from songbai.core import signing
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.feeds.actions.keys import issue_key
from tests.cast import make_cast
from tests.scenes import lay_out
from tests.test_access_matrix import addresses, is_page, signed_in
from songbai.web.doors import DOORS
signing.tell_key()  # the database came from elsewhere
scene = lay_out(make_cast())
key, secret = issue_key(SYSTEM, "renshe", "500151")
session = lambda actor: signed_in(actor).cookies["songbai-session"].value
pages = list(filter(is_page, addresses()))
print("LAID " + json.dumps({
    "asked": scene.asked,
    "key": [key.key_id, secret],
    "scoped": [one.name for one in pages if scene.scoped & set(one.parameters)],
    "pages": [[one.name, one.url(scene.ids), one.door or ""] for one in pages],
    "insiders": {door: session(scene.insider(door)) for door in DOORS},
    "outsiders": {door: session(scene.outsider(door)) for door in DOORS},
}))
"""
#: As behind the city's own proxy.
BEHIND = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.0.0.9"}
#: A token that a browser made up for itself: good for its own forms only.
TOKEN = "a1B2" * 8


@dataclass(frozen=True)
class Page:
    """An address: its name, where it is, and the door it stands behind ("" for none)."""

    name: str
    url: str
    door: str


@dataclass
class Site:
    """What was laid out, and where; ``key``: a department's for its door, and its secret."""

    stage: Stage
    pages: list[Page]
    scoped: set[str]
    asked: dict[str, Any]
    key: list[str]
    insiders: dict[str, str]
    outsiders: dict[str, str]

    @contextmanager
    def browser(self, session: str = "") -> Iterator["Browser"]:
        """Somebody's browser, of a session if one is given."""
        # The cookies are for https alone, which the proxy speaks for us.
        cookies = f"songbai-csrf={TOKEN}" + (f"; songbai-session={session}" if session else "")
        headers = {**BEHIND, "Cookie": cookies}
        with httpx.Client(base_url=self.stage.url, headers=headers, timeout=60) as client:
            yield Browser(client)

    def behind(self, door: str) -> list[Page]:
        """The pages behind a door."""
        return [page for page in self.pages if page.door == door]


@dataclass
class Browser:
    """Asks and sends as a browser would, with the token of the site's forms."""

    client: httpx.Client

    def get(self, url: str, asked: dict[str, Any] | None = None) -> httpx.Response:
        """Open an address."""
        return self.client.get(url, params=asked)

    def post(self, url: str, told: dict[str, Any] | None = None) -> httpx.Response:
        """Send a form with the right token."""
        sent = {"csrfmiddlewaretoken": TOKEN} | (told or {})
        return self.client.post(url, data=sent, headers={"Referer": self.site + url})

    @property
    def site(self) -> str:
        """The address people know the site by."""
        return str(self.client.base_url).rstrip("/").replace("http:", "https:")


@contextmanager
def served(home: Path) -> Iterator[Site]:
    """A site in production settings with the scene laid out."""
    stage = Stage(home, extra={"SONGBAI_HTTPS": "1"})
    try:
        stage.start_database()
        stage.run("-m", "songbai.cli.main", "assets")
        laid = json.loads(stage.run("-c", LAY).split("LAID ", 1)[1])
        pages = [Page(*one) for one in laid.pop("pages")]
        stage.start_web()
        yield Site(stage, pages, set(laid.pop("scoped")), **laid)
    finally:
        stage.close()


class Forms(HTMLParser):
    """The forms of a page: where each is sent, its fields with their values, and the typed ones."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._open: Form | None = None
        self._select = self._text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A form begins, or one of its fields."""
        told = {name: text or "" for name, text in attrs}
        name = told.get("name", "")
        if tag == "form":
            self._open = Form(told.get("action", ""), told.get("method", "get").lower(), {}, set())
            self.found.append(self._open)
        if self._open is None:
            return
        if tag == "option" and self._select:
            if "selected" in told or not self._open.fields.get(self._select):
                self._open.fields[self._select] = told.get("value", "")
        elif tag == "select":
            self._select = name
        elif name and tag == "textarea":
            self._open.typed.add(name)
        elif name and tag in {"input", "button"}:
            kind = told.get("type", "text" if tag == "input" else "submit")
            if kind in {"text", "search", "tel"}:
                self._open.typed.add(name)
            if kind not in {"checkbox", "radio"} or "checked" in told:
                self._open.fields[name] = told.get("value", "")
            else:
                self._open.fields.setdefault(name, told.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        """A form or a list of choices ends."""
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""


@dataclass
class Form:
    """One form as it stands on a page."""

    action: str
    method: str
    fields: dict[str, str]
    typed: set[str]
