"""Files handed in, at the bureau."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from songbai.web.doors import door, signed_in

from .proofs import show_proof


@door("bureau", "files/<uuid:file_id>/")
def file(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """A proof somebody handed in."""
    return show_proof(request, signed_in(request), file_id)
