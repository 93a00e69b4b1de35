"""All addresses: one include per door."""

from __future__ import annotations

from django.urls import include, path

from songbai.api.urls import api
from songbai.web.live import live

urlpatterns = [
    path("", include("songbai.web.portal.urls")),
    path("", include("songbai.web.accounts.urls")),
    path("family/", include("songbai.web.family.urls")),
    path("caregiver/", include("songbai.web.caregiver.urls")),
    path("desk/", include("songbai.web.desk.urls")),
    path("provider/", include("songbai.web.provider.urls")),
    path("bureau/", include("songbai.web.bureau.urls")),
    path("assessor/", include("songbai.web.assessor.urls")),
    path("api/", api.urls),
    path("live/", live, name="live"),
]
