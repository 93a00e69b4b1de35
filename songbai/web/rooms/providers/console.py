"""What every page of the provider's console shows around its content."""

from typing import Any, TypeVar

from django.core.paginator import Paginator
from django.db.models import Model, QuerySet

from songbai.domain.providers.models import Provider
from songbai.domain.providers.queries import provider
from songbai.web.doors import frames, signed_in
from songbai.web.plugs import entry_of, menu
from songbai.web.views import Actor, HttpRequest, HttpResponse, render

M = TypeVar("M", bound=Model)


def pages_of(rows: QuerySet[M], per_page: int, count: int) -> "Paginator[M]":
    """Pages of rows that somebody has counted already."""
    pages = Paginator(rows, per_page)
    pages.count = count
    return pages


def _draw(
    request: HttpRequest, name: str, _: str, /, *, work: int = 0, **values: Any
) -> HttpResponse:
    """With the side bar; ``work`` is what there is to do on this page, where it has counted it."""
    own, here = provider_of(signed_in(request)), entry_of("provider", request.path)
    shell = {
        "console_name": "松柏服务商端",
        "console_of": own.name,
        "provider": own,
        "side_nav": [
            {**entry, "count": work if entry["current"] else 0} for entry in menu("provider", here)
        ],
    }
    return render(request, f"provider/{name}.html", {**shell, **values})


frames["provider"] = _draw


def provider_of(actor: Actor) -> Provider:
    """The provider whose back office this is.

    Raises NotFound when it has left.
    """
    return provider(actor.organisation_id or 0)
