"""The frame of the bureau's pages."""

from django.urls import path

from . import overview

addresses = [
    path("", overview.overview, name="overview"),
    path("places/<str:region>/", overview.town, name="town"),
]
