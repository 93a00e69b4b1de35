"""Addresses of the machine's door."""

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from ninja import NinjaAPI

from songbai.domain.elders.declares import OFFICER

from .errors import answer_errors
from .feeds import router

Answer = Callable[..., HttpResponse]


def for_officers(view: Answer) -> Answer:
    """The description of the door is for officers; for everybody else there is none."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actor = getattr(request, "actor", None)
        if actor is None or actor.kind is not OFFICER:
            return HttpResponseNotFound()
        return view(request, *args, **kwargs)

    return guarded


api = NinjaAPI(
    title="松柏数据交换",
    version="1",
    urls_namespace="api",
    docs_url=None,
    openapi_url="openapi.json",
    docs_decorator=for_officers,
)
api.add_router("/feeds", router)
answer_errors(api)
