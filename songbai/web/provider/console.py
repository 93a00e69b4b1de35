"""What every page of the provider's console shows around its content."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from songbai.core.accounts.rules import Actor
from songbai.domain.providers.models import Provider
from songbai.domain.providers.queries import provider


def shell(actor: Actor, here: str, open_orders: int | None = None) -> dict[str, Any]:
    """The side bar; ``open_orders`` is the work to do, shown where the page has counted it."""
    own = provider_of(actor)
    entries = [
        ("orders", "订单", "clipboard-list", open_orders),
        ("staff", "护理员", "users", None),
        ("statement", "结算", "wallet", None),
    ]
    return {
        "console_name": "松柏服务商端",
        "console_of": own.name,
        "provider": own,
        "side_nav": [
            {
                "url": reverse(f"provider:{name}"),
                "label": label,
                "icon": icon,
                "count": count,
                "current": name == here,
            }
            for name, label, icon, count in entries
        ],
    }


def provider_of(actor: Actor) -> Provider:
    """The provider whose back office this is.

    Raises NotFound when it has left.
    """
    return provider(actor.organisation_id or 0)
