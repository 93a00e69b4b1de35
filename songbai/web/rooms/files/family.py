"""Files handed in, in the family's hands."""

from uuid import UUID

from songbai.web.views import Actor, HttpRequest, HttpResponse, door

from .proofs import show_proof


@door("family", "files/<uuid:file_id>/")
def file(request: HttpRequest, actor: Actor, file_id: UUID) -> HttpResponse:
    """A proof somebody of the family handed in."""
    return show_proof(request, actor, file_id)
