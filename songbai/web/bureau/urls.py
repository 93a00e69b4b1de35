"""Addresses of the bureau door."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "bureau"
urlpatterns: list[URLPattern] = []
