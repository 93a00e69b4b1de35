"""Files handed in, in the family's hands."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import path

from songbai.web.doors import door, signed_in

from .proofs import show_proof


@door("family")
def file(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """A proof somebody of the family handed in."""
    return show_proof(request, signed_in(request), file_id)


addresses = [
    path("files/<uuid:file_id>/", file, name="file"),
]
