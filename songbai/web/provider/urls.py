"""Addresses of the provider door."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "provider"
urlpatterns: list[URLPattern] = []
