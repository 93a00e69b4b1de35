"""What every page of the provider's console shows around its content."""

from __future__ import annotations

from typing import Any, TypeVar

from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.urls import reverse

from songbai.core.accounts.rules import Actor
from songbai.domain.providers.models import Provider
from songbai.domain.providers.queries import provider

M = TypeVar("M", bound=Model)


def pages_of(rows: QuerySet[M], per_page: int, count: int) -> Paginator[M]:
    """Pages of rows that somebody has counted already."""
    pages = Paginator(rows, per_page)
    pages.count = count
    return pages


def shell(actor: Actor, here: str, open_orders: int | None = None) -> dict[str, Any]:
    """The side bar; ``open_orders`` is the work to do, shown where the page has counted it."""
    own = provider_of(actor)
    entries: list[dict[str, Any]] = [
        {"name": "orders", "label": "订单", "icon": "clipboard-list", "count": open_orders},
        {"name": "staff", "label": "护理员", "icon": "users"},
        {"name": "vehicles", "label": "车辆", "icon": "bus"},
        {"name": "statement", "label": "结算", "icon": "wallet"},
    ]
    return {
        "console_name": "松柏服务商端",
        "console_of": own.name,
        "provider": own,
        "side_nav": [
            {
                **entry,
                "url": reverse(f"provider:{entry['name']}"),
                "current": entry["name"] == here,
            }
            for entry in entries
        ],
    }


def provider_of(actor: Actor) -> Provider:
    """The provider whose back office this is.

    Raises NotFound when it has left.
    """
    return provider(actor.organisation_id or 0)
