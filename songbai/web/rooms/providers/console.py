"""What every page of the provider's console shows around its content."""

from typing import Any, TypeVar

from django.core.paginator import Paginator
from django.db.models import Model, QuerySet

from songbai.core.accounts.rules import Actor
from songbai.domain.providers.models import Provider
from songbai.domain.providers.queries import provider
from songbai.web.plugs import menu

M = TypeVar("M", bound=Model)


def pages_of(rows: QuerySet[M], per_page: int, count: int) -> "Paginator[M]":
    """Pages of rows that somebody has counted already."""
    pages = Paginator(rows, per_page)
    pages.count = count
    return pages


def shell(actor: Actor, here: str, work: int = 0) -> dict[str, Any]:
    """The side bar; ``work`` is what there is to do on this page, where it has counted it."""
    own = provider_of(actor)
    entries = [
        {**entry, "count": work if entry["current"] else 0} for entry in menu("provider", here)
    ]
    return {
        "console_name": "松柏服务商端",
        "console_of": own.name,
        "provider": own,
        "side_nav": entries,
    }


def provider_of(actor: Actor) -> Provider:
    """The provider whose back office this is.

    Raises NotFound when it has left.
    """
    return provider(actor.organisation_id or 0)
