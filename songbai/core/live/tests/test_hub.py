"""Live pages: who listens hears, and nobody hears more."""

import asyncio
import json
from typing import Any

from songbai.core.live import hub as live
from songbai.core.live.hub import Hub


def payload(kind: str, *topics: str) -> str:
    return json.dumps({"kind": kind, "id": 4, "topics": list(topics)})


async def opened(hub: Hub, topic: str) -> Any:
    """A page that has connected."""
    hub.listener = asyncio.create_task(asyncio.sleep(60))
    stream = hub.stream(topic)
    assert await anext(stream) == b"retry: 2000\n\n"
    return stream


def test_a_page_hears_its_topic_and_only_that() -> None:
    async def scene() -> None:
        hub = Hub()
        page = await opened(hub, "person:7")
        hub._deliver(payload("order.placed", "person:8", "region:500151"))
        hub._deliver(payload("order.served", "person:7"))
        heard = json.loads((await anext(page)).removeprefix(b"data: "))
        assert heard == {"kind": "order.served", "id": 4}
        await page.aclose()

    asyncio.run(scene())


def test_a_notice_of_another_form_is_passed_over() -> None:
    async def scene() -> None:
        hub = Hub()
        page = await opened(hub, "person:7")
        for odd in ("not json", "7", "[]", "{}", '{"kind": "a", "id": 1, "topics": 5}'):
            hub._deliver(odd)
        hub._deliver(payload("order.served", "person:7"))
        assert b"order.served" in await anext(page)
        await page.aclose()

    asyncio.run(scene())


def test_a_page_that_left_is_forgotten() -> None:
    async def scene() -> None:
        hub = Hub()
        page = await opened(hub, "person:7")
        await page.aclose()
        assert hub.pages["person:7"] == set()

    asyncio.run(scene())


def test_a_slow_page_loses_the_oldest_news_and_never_blocks() -> None:
    async def scene() -> None:
        hub = Hub()
        page = await opened(hub, "person:7")
        for number in range(live.WAITING + 5):
            hub._deliver(payload(f"n{number}", "person:7"))
        assert b'"n5"' in await anext(page)
        await page.aclose()

    asyncio.run(scene())


def test_a_quiet_connection_shows_signs_of_life(monkeypatch: Any) -> None:
    async def scene() -> None:
        monkeypatch.setattr(live, "HEARTBEAT", 0.01)
        page = await opened(Hub(), "person:7")
        assert await anext(page) == b": still here\n\n"
        await page.aclose()

    asyncio.run(scene())


def test_after_a_lost_database_every_page_is_told_to_look_again() -> None:
    async def scene() -> None:
        hub = Hub()
        page = await opened(hub, "person:7")
        hub._tell_all("reconnected")
        assert b"reconnected" in await anext(page)
        await page.aclose()

    asyncio.run(scene())
