"""The family's pages of the room elders."""

from django.urls import path

from . import consents, corrections, home, record, relatives

addresses = [
    path("", home.home, name="home"),
    path("me/", home.me, name="me"),
    path("elders/<int:elder_id>/reads/", record.reads, name="reads"),
    path("elders/<int:elder_id>/code/", record.code, name="code"),
    path("elders/<int:elder_id>/relatives/", relatives.relatives, name="relatives"),
    path("elders/<int:elder_id>/relatives/invite/", relatives.invite, name="relative_invite"),
    path("elders/<int:elder_id>/relatives/<int:proxy_id>/end/", relatives.end, name="relative_end"),
    path("elders/<int:elder_id>/consents/", consents.consents, name="consents"),
    path("elders/<int:elder_id>/consents/<slug:purpose>/", consents.consent, name="consent"),
    path("elders/<int:elder_id>/corrections/", corrections.corrections, name="corrections"),
    path("proposals/<int:proposal_id>/vote/", relatives.proposal_vote, name="proposal_vote"),
    path(
        "proposals/<int:proposal_id>/withdraw/",
        relatives.proposal_withdraw,
        name="proposal_withdraw",
    ),
]
