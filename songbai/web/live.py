"""``/live/?topic=…``: the stream of one topic, for those who may hear it."""

from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_safe

from songbai.core.accounts.queries import people_of
from songbai.core.accounts.rules import Actor
from songbai.core.live.hub import hub
from songbai.web.asked import whole_number
from songbai.web.doors import actor_of


def may_hear(actor: Actor, topic: str) -> bool:
    """Whether an actor may hear ``region:…``, ``person:…``, ``organisation:…``, ``account:…``."""
    kind, _, value = topic.partition(":")
    if not value.isdecimal():
        return False
    number = whole_number(value)
    if kind == "region":
        return actor.region is not None and actor.region[:6] == value
    if kind == "organisation":
        return actor.organisation_id == number
    if kind == "account":
        return actor.account_id == number
    return kind == "person" and number in people_of(actor)


@require_safe
async def live(request: HttpRequest) -> HttpResponseBase:
    """Server-sent events of a topic; 404 for topics the actor may not hear."""
    actor = actor_of(request)
    topic = request.GET.get("topic", "")
    if actor is None:
        return HttpResponse(status=401)
    if not await sync_to_async(may_hear)(actor, topic):
        raise Http404
    response = StreamingHttpResponse(hub().stream(topic), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response
