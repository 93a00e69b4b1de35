"""From request to actor, from actor to the database's scope, from error to plain words."""

import time
from collections.abc import Callable
from contextlib import suppress

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.http.request import RawPostDataException
from django.shortcuts import render

from songbai.api.errors import fault
from songbai.core import record, scope
from songbai.core.accounts.models import Account
from songbai.core.accounts.queries import actors_of
from songbai.core.accounts.rules import Actor
from songbai.core.errors import (
    AnotherWasFirst,
    NotAllowed,
    NotFound,
    Refused,
    SongbaiError,
    TryAgain,
)
from songbai.core.found import is_twice

from . import away

Handler = Callable[[HttpRequest], HttpResponse]
ROLE_KEY = "songbai.role"
FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
#: Seconds between two looks whether the database is back.
LOOK_AGAIN = 1.0


class DatabaseScopeMiddleware:
    """Every request starts as a stranger to the database and ends as one.

    While the database is away one request a second looks whether it is back; all others are told
    at once.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.away_until = 0.0

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Bind nobody, answer, release."""
        now = time.monotonic()
        if now < self.away_until:
            return away.page(request)
        if self.away_until:
            self.away_until = now + LOOK_AGAIN
            if not record.answers():
                return away.page(request)
        try:
            scope.bind(None)
        except away.AWAY:
            self.away_until = time.monotonic() + LOOK_AGAIN
            return away.page(request)
        self.away_until = 0.0
        try:
            return self.get_response(request)
        finally:
            with suppress(*away.AWAY):  # a lost connection has no scope
                scope.release()


class ActorMiddleware:
    """Sets ``request.actor`` from the session's account and chosen role, binds the scope, and keeps
    what was answered out of every cache.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Find the actor."""
        actor = actor_of_session(request)
        request.actor = actor  # type: ignore[attr-defined]
        if actor is None:
            return self.get_response(request)
        scope.bind(actor)
        response = self.get_response(request)
        # Nothing of what somebody saw is left in the browser of a shared machine.
        response.setdefault("Cache-Control", "no-store")
        return response


def actor_of_session(request: HttpRequest) -> Actor | None:
    """The actor of a request: the role chosen at login, or the first one held."""
    if not isinstance(request.user, Account):
        return None
    actors = actors_of(request.user)
    chosen = request.session.get(ROLE_KEY)
    return next((a for a in actors if a.role_id == chosen), actors[0] if actors else None)


class PlainErrorsMiddleware:
    """An error nobody handled nearer becomes a page that says what is wrong and what to do."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        """Refuse what no column can hold."""
        sent = [request.GET, *([request.POST] if request.content_type in FORMS else [])]
        typed = [text for query in sent for _, texts in query.lists() for text in texts]
        if any("\0" in text for text in [request.path, *typed]):
            error = Refused("您填的内容里有看不见的字符，存不了。请删掉，重新打一遍再交。")
            if request.path.startswith("/api/"):
                return fault(error)
            return render(request, "songbai/error.html", {"error": error}, status=400)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Turn our own errors into pages; all others stay Django's."""
        if is_twice(error):
            error = AnotherWasFirst()
        if isinstance(error, RawPostDataException):  # a form where a script sends something else
            return HttpResponseBadRequest()
        if not isinstance(error, SongbaiError):
            return None
        if request.path.startswith("/api/"):
            return fault(error)
        if isinstance(error, NotFound):
            raise Http404(error.message) from error
        status = (
            403 if isinstance(error, NotAllowed) else 503 if isinstance(error, TryAgain) else 409
        )
        return render(request, "songbai/error.html", {"error": error}, status=status)
