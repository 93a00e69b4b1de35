"""Every address × every role × a thing of one's own scope and the same thing seen from another's.

The list of addresses is read from the URL configuration, so a new page is in the matrix at once;
a new kind of id in an address must be laid out in its room's ``tests/scene.py``.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from songbai.core.accounts.models import Account
from songbai.core.accounts.rules import Actor
from songbai.web.doors import DOORS

from .cast import Cast
from .scenes import Scene, lay_out

pytestmark = pytest.mark.slow

BACKEND = "songbai.core.accounts.backends.PasswordBackend"
#: What nobody outside may ever read in a response about Mrs Wang.
SECRETS = ("王桂英", "王*英", "500190194205061024", "12800001024", "幸福路 8 号")


@dataclass(frozen=True)
class Address:
    """One URL pattern: its name, its parameters, and the door that guards it (None: public)."""

    name: str
    parameters: tuple[str, ...]
    door: str | None

    def url(self, ids: dict[str, object]) -> str:
        """The address with ids filled in."""
        unknown = set(self.parameters) - set(ids)
        assert not unknown, f"{self.name}: {unknown} is in no room's tests/scene.py"
        return reverse(self.name, kwargs={name: ids[name] for name in self.parameters})


def addresses() -> list[Address]:
    """All addresses of the site."""
    return sorted(_walk(get_resolver().url_patterns, ""), key=lambda address: address.name)


def _walk(patterns: list[URLPattern | URLResolver], space: str) -> Iterator[Address]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, inner)
        else:
            assert pattern.name, f"{pattern} has no name"
            yield Address(
                name=f"{space}{pattern.name}",
                parameters=tuple(pattern.pattern.converters),
                door=getattr(pattern.callback, "door", None),
            )


@pytest.fixture
def scene(cast: Cast, kernels: None) -> Scene:  # a day is planned in it
    """What every room lays out."""
    return lay_out(cast)


def signed_in(actor: Actor | None) -> Client:
    """A browser of this person; None is a stranger."""
    client = Client()
    if actor is not None:
        client.force_login(Account.objects.get(pk=actor.account), backend=BACKEND)
    return client


def leaks(body: bytes) -> list[str]:
    """Secrets found in a response."""
    return [secret for secret in SECRETS if secret.encode() in body]


def is_page(address: Address) -> bool:
    """The live stream has tests of its own."""
    return address.name != "live"


def test_every_door_has_addresses() -> None:
    doors = {address.door for address in addresses()}
    assert set(DOORS) <= doors


def test_every_id_in_an_address_is_laid_out_and_no_other(scene: Scene) -> None:
    asked = {name for address in addresses() for name in address.parameters}
    assert set(scene.ids) == asked


def test_pages_inside_a_door_are_guarded() -> None:
    open_pages = [a.name for a in addresses() if a.name.split(":")[0] in DOORS and a.door is None]
    assert open_pages == []


def test_a_stranger_is_sent_to_the_login_and_learns_nothing(scene: Scene) -> None:
    client = signed_in(None)
    for address in filter(is_page, addresses()):
        replies = [method(address.url(scene.ids)) for method in (client.get, client.post)]
        assert [leaks(reply.content) for reply in replies] == [[], []], address.name
        if address.door:
            sent = [reply for reply in replies if reply.status_code != 405]
            assert sent, address.name
            for reply in sent:
                assert reply.status_code == 302, address.name
                assert reply["Location"].startswith("/login/"), address.name


def test_nobody_comes_in_through_somebody_elses_door(scene: Scene) -> None:
    for name in DOORS:
        client = signed_in(scene.insider(name))
        for address in addresses():
            if address.door and address.door != name:
                replies = [method(address.url(scene.ids)) for method in (client.get, client.post)]
                assert [leaks(reply.content) for reply in replies] == [[], []], address.name
                answered = {reply.status_code for reply in replies} - {405}
                assert answered == {403}, (name, address.name, answered)


def test_the_same_role_from_elsewhere_finds_nothing(scene: Scene) -> None:
    for address in addresses():
        if not address.door:
            continue
        client = signed_in(scene.outsider(address.door))
        for method in (client.get, client.post):
            reply = method(address.url(scene.ids))
            if scene.scoped & set(address.parameters):
                assert reply.status_code in {404, 405}, (address.name, reply.status_code)
            assert leaks(reply.content) == [], address.name


def test_the_head_of_a_page_is_asked_for_as_the_page(scene: Scene) -> None:
    others = []
    for address in filter(is_page, addresses()):
        client = signed_in(scene.insider(address.door) if address.door else None)
        url = address.url(scene.ids)
        if client.head(url).status_code != client.get(url).status_code:
            others.append(address.name)
    assert others == []


def test_those_who_belong_come_in(scene: Scene) -> None:
    for address in filter(lambda address: address.door, addresses()):
        client = signed_in(scene.insider(str(address.door)))
        reply = client.get(address.url(scene.ids), scene.asked, follow=True)
        arrived = reply.request["PATH_INFO"]
        assert not arrived.startswith("/login/"), address.name
        assert reply.status_code in {200, 405}, (address.name, arrived, reply.status_code)
        if reply.status_code == 405:
            # An empty form is refused in words, never with a crash.
            empty = client.post(address.url(scene.ids))
            assert empty.status_code < 500, (address.name, empty.status_code)
            assert empty.status_code not in {403, 404}, (address.name, empty.status_code)


def test_a_town_officer_sees_no_other_town(scene: Scene) -> None:
    client = signed_in(scene.cast.town_officer)
    for address in addresses():
        if address.door == "bureau":
            reply = client.get(address.url(scene.ids))
            assert leaks(reply.content) == [], address.name
            if {"order_id", "elder_id"} & set(address.parameters):
                assert reply.status_code in {404, 405}, address.name
