"""Files handed in, in the family's hands."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from songbai.web.doors import door, signed_in

from .proofs import show_proof


@door("family", "files/<uuid:file_id>/")
def file(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """A proof somebody of the family handed in."""
    return show_proof(request, signed_in(request), file_id)
