"""Addresses of the portal."""

from __future__ import annotations

from django.urls import path

from . import self_check, views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.find, name="search"),
    path("providers/<int:provider_id>/", views.provider, name="provider"),
    path("about/", views.about, name="about"),
    path("d/<uuid:code>", views.door, name="door"),
    path("letters/<str:mark>/", views.letter, name="letter"),
    path("self-check/", self_check.self_check, name="self_check"),
]
