"""Addresses of the portal."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.find, name="search"),
    path("providers/<int:provider_id>/", views.provider, name="provider"),
    path("about/", views.about, name="about"),
    path("d/<uuid:code>", views.door, name="door"),
]
