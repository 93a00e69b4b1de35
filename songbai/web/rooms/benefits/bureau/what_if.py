"""Another rule on real people: set a policy's numbers otherwise, see whom it would cost what."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from songbai.core.accounts.rules import Actor
from songbai.domain.benefits.models import Snapshot
from songbai.domain.benefits.population.what_if import Effect, Figures
from songbai.domain.benefits.queries.cycles import policies_of
from songbai.domain.benefits.queries.what_if import (
    effect,
    frozen_prefix,
    snapshots,
)
from songbai.domain.benefits.rules.policy import Policy
from songbai.web.doors import door, signed_in
from songbai.web.frames.bureau.shell import Place, page, place_of, whole_number

from .what_if_parts import answer, drawings, form_of, parts_of, tables_of


@door("bureau")
@require_safe
def what_if(request: HttpRequest) -> HttpResponse:
    """The form, and the answer when it was sent; nothing is written."""
    actor = signed_in(request)
    frozen = snapshots(actor)
    if not frozen:
        return page(request, "what_if", "what_if", frozen=[])
    snapshot = _chosen(frozen, request.GET.get("snapshot", ""))
    policies = [one for one in policies_of(snapshot) if _is_law(one, snapshot)]
    policy = next((p for p in policies if p.code == request.GET.get("policy")), policies[0])
    place = _place(actor, snapshot, request.GET.get("region", ""))
    form = form_of(policy, snapshot, request.GET, sent="go" in request.GET)
    found = None
    if "go" in request.GET and not form.errors:
        digits, _ = parts_of(place)
        found = effect(actor, snapshot, policy, form.settings, place.prefix, digits)
    tables = tables_of(found, place) if found else []
    return page(
        request,
        "what_if",
        "what_if",
        status=422 if form.errors else 200,
        frozen=frozen,
        snapshot=snapshot,
        policies=policies,
        policy=policy,
        place=place,
        places=_places(actor, snapshot),
        form=form,
        errors=form.errors,
        effect=found,
        answer=answer(found) if found else "",
        others=_others(policies, found),
        tables=tables,
        drawings=drawings(tables),
    )


def _is_law(policy: Policy, snapshot: Snapshot) -> bool:
    """Whether a policy is for elders of what was frozen."""
    inside = frozen_prefix(snapshot)
    there = any(code.startswith(inside) or inside.startswith(code) for code in policy.regions)
    return policy.subject == "elder" and there


def _chosen(frozen: list[Snapshot], asked: str) -> Snapshot:
    number = whole_number(asked)
    return next((one for one in frozen if one.pk == number), frozen[0])


def _place(actor: Actor, snapshot: Snapshot, asked: str) -> Place:
    """The division asked for; without one the smaller of the scope and what was frozen."""
    if asked:
        return place_of(actor, asked)
    home = place_of(actor)
    inside = frozen_prefix(snapshot)
    return place_of(actor, snapshot.region_id) if inside.startswith(home.prefix) else home


def _places(actor: Actor, snapshot: Snapshot) -> list[Place]:
    """What can be chosen: the widest place and its parts."""
    widest = _place(actor, snapshot, "")
    return [widest, *(place_of(actor, part.code) for part in parts_of(widest)[1])]


def _others(policies: list[Policy], found: Effect | None) -> list[tuple[str, Figures]]:
    """Benefits of the same groups for which something changes."""
    names = {policy.code: policy.name for policy in policies}
    given = found.others if found else {}
    return [(names[code], one) for code, one in given.items() if one.touched or one.fen]
