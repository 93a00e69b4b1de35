"""The bureau's pages of the room elders."""

from django.urls import path

from . import corrections, elders, exporting, facts, privacy

addresses = [
    path("elders/", elders.elders, name="elders"),
    path("elders/figures/", elders.elders_figures, name="elders_figures"),
    path("elders/map/", elders.elders_map, name="elders_map"),
    path("elders/find/", elders.find_elder, name="find_elder"),
    path("elders/<int:elder_id>/", elders.elder, name="elder"),
    path("elders/<int:elder_id>/facts/", facts.elder_facts, name="elder_facts"),
    path("elders/export/", exporting.elders_export_form, name="elders_export_form"),
    path("elders/export/take/", exporting.elders_export, name="elders_export"),
    path("elders/<int:elder_id>/correction/", corrections.correction, name="correction"),
    path("elders/<int:elder_id>/privacy/", privacy.privacy, name="privacy"),
    path("elders/<int:elder_id>/proxies/", privacy.bind, name="proxy_bind"),
    path("elders/<int:elder_id>/proxies/<int:proxy_id>/end/", privacy.unbind, name="proxy_end"),
    path("elders/<int:elder_id>/consents/<slug:purpose>/", privacy.consent, name="consent"),
    path("elders/<int:elder_id>/holds/", privacy.hold, name="hold"),
    path("elders/<int:elder_id>/holds/<int:hold_id>/lift/", privacy.hold_lift, name="hold_lift"),
    path("elders/<int:elder_id>/erasure/", privacy.erasure, name="erasure"),
    path("conflicts/", facts.disagreements, name="conflicts"),
    path("conflicts/<int:conflict_id>/", facts.disagreement, name="conflict"),
    path("trust/", facts.trust_orders, name="trust"),
    path("trust/<slug:kind>/", facts.trust_order, name="trust_order"),
]
