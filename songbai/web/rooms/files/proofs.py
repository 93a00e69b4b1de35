"""Files handed in with a form, and showing them again: the same in every door."""

from uuid import UUID

from songbai.core.files.actions import Owner, store
from songbai.core.files.models import StoredFile
from songbai.core.files.queries import content_of, get
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import get as get_elder
from songbai.domain.elders.queries import note_read
from songbai.web.views import Actor, HttpRequest, HttpResponse


def keep_proof(
    request: HttpRequest, actor: Actor, elder: Elder, purpose: str, field: str = "proof_file"
) -> UUID | None:
    """Keep the file of a form, if one came; returns its id.

    Raises what ``store`` raises.
    """
    sent = request.FILES.get(field)
    if sent is None:
        return None
    owner = Owner(elder.region_id, elder.pk)
    file = store(actor, owner, str(sent.name), sent.read(), purpose)
    return UUID(str(file.pk))


def show_proof(request: HttpRequest, actor: Actor, file_id: UUID) -> HttpResponse:
    """One file of the actor's scope, for looking at and not for running; the look is logged.

    Raises NotFound.
    """
    file: StoredFile = get(actor, file_id)
    content = content_of(StoredFile.objects.get(pk=file.pk))
    if file.person_id is not None:
        elder = get_elder(actor, file.person_id)
        note_read(actor, [elder], fields=["proof"], purpose="看证明材料", where=request.path)
    response = HttpResponse(content, content_type=file.kind)
    response["Content-Disposition"] = f'inline; filename="proof-{str(file.pk)[:8]}"'
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response
